"""The same work on many machines: papers by address, done by the workers of a Dask cluster.

`connect` finds or starts the cluster, `dispatch` keeps its workers busy and bounds what is tried again, `host` is what
a worker process keeps between papers, `store` speaks to file systems by address, `remote` is a run whose papers and
outputs no longer lie on this machine's disk. Dask and fsspec come with the extra `argmine[cluster]`.
"""

from __future__ import annotations

from argmine.cluster.connect import Cluster, ClusterError

__all__ = ["Cluster", "ClusterError"]
