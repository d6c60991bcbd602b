"""A cluster whose tablets answer from memory (memory_tablet.cc): what is left is the gate's own cost."""
from lab.cluster import CELL
from lab.process import Process
from lab.tablets import TabletCluster


class MemoryCluster(TabletCluster):
    def create_databases(self):
        """There are no servers behind these tablets."""

    def launch_tablet(self, shard):
        _, port = self.ports[shard.uid]
        words = [self.program("memory_tablet"), port, shard.keyspace.name, shard.name, CELL, shard.uid]
        self.tablets[shard.uid] = Process(f"memory-tablet-{shard.uid}", words, self.logs / f"memory-tablet-{shard.uid}.out")
