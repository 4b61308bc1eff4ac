"""Files: taken in one request, in pieces or by signed address; looked at, cleaned, kept and served."""
