"""Features, each a package; :mod:`.registry` lists them. Nothing is imported here: a command that needs one feature
does not load them all.
"""
