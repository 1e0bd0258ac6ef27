"""The peer: txtai with the same model and the same rows, its index made once and then loaded from disk.

Run by benchmarks/run.py in an environment of its own: `build MODEL LISTINGS FOLDER`, then `query FOLDER TEXT`;
by benchmarks/serving.py: `serve FOLDER --port PORT`.
"""

import gzip
import json
import sys
from pathlib import Path


def rows(path):
    with gzip.open(path, "rt") if path.endswith(".gz") else Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            listing = json.loads(line)
            text = ". ".join(part for part in (listing["title"], listing.get("description")) if part)
            yield f"{listing['platform']}:{listing['native_id']}", {"text": text, "place": listing.get("place", "")}


def build(model, listings, folder):
    from txtai import Embeddings

    embeddings = Embeddings(path=model, content=True, hybrid=True, batch=256, encodebatch=64)
    embeddings.index((name, row, None) for name, row in rows(listings))
    embeddings.save(folder)


def query(folder, text):
    from txtai import Embeddings

    embeddings = Embeddings()
    embeddings.load(folder)
    for found in embeddings.search(text, 10):
        print(found["id"], round(found["score"], 3), found["text"][:70])


def serve(folder, _flag, port):
    """Serve the index by txtai's own API."""
    import os
    import tempfile

    import uvicorn

    with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
        config.write(f"path: {folder}\nwritable: false\n")
        config.flush()
        os.environ["CONFIG"] = config.name
        from txtai.api import application

        uvicorn.run(application.create(), host="127.0.0.1", port=int(port), log_level="error")


if __name__ == "__main__":
    {"build": build, "query": query, "serve": serve}[sys.argv[1]](*sys.argv[2:])
