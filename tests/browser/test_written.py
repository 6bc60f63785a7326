"""The documentation says what the tests before this one observed in the browsers."""

from __future__ import annotations

import pytest

from tests.support.observed import Observed, require_written

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("table", "document"), [("formats", "numbers.md"), ("features", "web.md")])
def test_a_table_says_what_was_observed(table: str, document: str, observed: Observed) -> None:
    if not observed.cells(table):
        pytest.skip("Nothing was observed.")
    require_written(observed, table, document)
