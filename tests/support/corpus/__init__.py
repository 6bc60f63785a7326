"""Files that somebody made to break a reader: small, and at every limit."""

from tests.support.corpus.graphs import GRAPHS, saved_model
from tests.support.corpus.records import RECORD, RECORDS, text
from tests.support.corpus.web_models import ARCHIVES, TOPOLOGIES, archive, topology

__all__ = [
    "ARCHIVES",
    "GRAPHS",
    "RECORD",
    "RECORDS",
    "TOPOLOGIES",
    "archive",
    "saved_model",
    "text",
    "topology",
]
