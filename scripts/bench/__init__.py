"""How fast argmine is on this machine: `python -m scripts.bench` measures and writes docs/performance.md."""
