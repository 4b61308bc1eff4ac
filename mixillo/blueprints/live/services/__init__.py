"""What the routes and sockets of live streams do."""
