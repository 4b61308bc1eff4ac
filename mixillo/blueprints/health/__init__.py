"""Is the service alive, and does the database answer: asked by load balancers, clients and operators."""
