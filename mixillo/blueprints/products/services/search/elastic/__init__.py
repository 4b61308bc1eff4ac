"""The search engine in Elasticsearch, by its official client; see ``docs/decisions``.

Imported only where ``ELASTICSEARCH_URL`` is set: the client is an extra.
"""
