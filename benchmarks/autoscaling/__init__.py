"""How well rules of scaling do on three hours of a load that changes: `python -m benchmarks.autoscaling`."""
