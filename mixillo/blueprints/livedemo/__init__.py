"""A page on which two browser windows chat, like and give in a stream: how a client of the live API is written."""
