"""Downloads that are resumed, checked and told from what else servers send."""
