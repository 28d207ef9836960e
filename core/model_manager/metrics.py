"""What the worker says of its models and their batches, for Prometheus."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.jobs.hub import hub
from core.model_manager.shelf import BATCHING_TOPIC, REPORT_TOPIC


class ModelCollector(Collector):
    """Models that have been on the device since the worker started; nothing while it is away."""

    def collect(self) -> Iterator[Metric]:
        loaded = GaugeMetricFamily("studio_model_loaded", "1 on the device.", labels=["model"])
        memory = GaugeMetricFamily("studio_model_memory_bytes", "On the device.", labels=["model"])
        loads = CounterMetricFamily("studio_model_loads", "Times it was loaded.", labels=["model"])
        for state in hub.report(REPORT_TOPIC) or ():
            loaded.add_metric([state["id"]], float(state["loaded"]))
            memory.add_metric([state["id"]], state["memory_bytes"])
            loads.add_metric([state["id"]], state["loads"])
        passes = CounterMetricFamily("studio_passes", "Forward passes of the denoiser.", labels=["model"])
        shared = CounterMetricFamily(
            "studio_pass_requests", "Requests in them; by passes: how many share one.", labels=["model"]
        )
        for model, batching in (hub.report(BATCHING_TOPIC) or {}).items():
            passes.add_metric([model], batching["ticks"])
            shared.add_metric([model], batching["requests"])
        yield from (loaded, memory, loads, passes, shared)
