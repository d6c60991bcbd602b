"""The lab: the one place that starts real parts (database servers, HAProxy, etcd, the gate).

`make run`, `make e2e`, `make bench` and the driver sessions use it. Parts listen on the loopback only, live in a folder
of their own, are awaited by asking them (never by sleeping), and end with the process that started them, however it ends.
"""
