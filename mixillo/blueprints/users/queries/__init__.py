"""What is read about people; every shape here is one of the API's and never more than its reader may see."""
