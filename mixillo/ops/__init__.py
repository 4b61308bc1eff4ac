"""Running the thing: database, migrations, datasets, measurements."""
