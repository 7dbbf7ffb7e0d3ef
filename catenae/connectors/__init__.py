"""Ready-made Sources and Leaves for what many have: files, SQL, HTTP. A node names one by its import path.

files       `FileRows` reads JSONL and CSV, `FileLines` writes JSONL
parquet     `ParquetRows` reads Parquet files (extra `parquet`)
sql         `SqlRows` reads a query of SQLite by a cursor, `SqlUpsert` keeps a table up to date
postgresql  `PostgresqlRows` and `PostgresqlUpsert` are the same for PostgreSQL (extra `postgresql`)
http        `HttpPages` reads pages of JSON, `HttpPost` sends each message
opensearch  `OpenSearchIndex` keeps an index up to date

Each says what it promises when a process is killed; all of them are as exact as the other side lets them be.
"""
