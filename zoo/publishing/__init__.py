"""What ``zoo publish`` and ``zoo serve`` need: a folder of models, and its pages."""
