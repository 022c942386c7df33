"""A computation as PyTorch ran it, and what of it autograd follows: read off the very tensors, never drawn by hand.

A `Tape` notes each operation as it runs. `Tape.graph` then reads each tensor's `grad_fn` and its `next_functions`, down
to the AccumulateGrad of the leaves, calls `backward()`, keeps what it raises, and notes by hooks on the nodes of
autograd's graph what passes along each edge.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

GIVEN, LEAF = "given", "leaf"
"""The operations of what is no result: tensors from outside the graph, and those whose gradient is wanted."""


@dataclass(frozen=True, eq=False)
class Node:
    """A tensor of the computation, F values of it at once.

    `operation` is what PyTorch ran, by its name, on `operands`: indices of nodes (int) and plain numbers (float), in
    the order in which they were handed in. `grad_fn` is the name of the tensor's node in autograd's graph, empty where
    it has none. `name` is what the tensor is called: "loc", "eps", "x", "f", "log_prob", "surrogate", or empty.
    `received` (F,) is the derivative of the output with respect to it, None where `backward()` brings it none.
    """

    operation: str
    operands: tuple[int | float, ...]
    grad_fn: str
    value: Tensor
    name: str
    received: Tensor | None


@dataclass(frozen=True, eq=False)
class Edge:
    """From the node `source` into the operation of the node `consumer`.

    `is_followed` says whether the consumer's `grad_fn` leads there. `gradients`, (F,) each, are what `backward()` sends
    along it: none where it does not pass, two where the source is an operand twice.
    """

    source: int
    consumer: int
    is_followed: bool
    gradients: tuple[Tensor, ...]


@dataclass(frozen=True, eq=False)
class Graph:
    """A computation: its nodes, operands before results, its edges, and what `backward()` raised (empty: nothing)."""

    name: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    fault: str

    @property
    def output(self) -> int:
        return len(self.nodes) - 1

    def node(self, name: str) -> Node:
        """The node of this name, the first if there are more."""
        return next(node for node in self.nodes if node.name == name)

    def gradient(self, parameter: str) -> Tensor | None:
        """What the parameter's `.grad` is after `backward()`: (F,), or None as PyTorch leaves it."""
        return next((node.received for node in self.nodes if node.name == parameter), None)


class Tape(TorchFunctionMode):
    """Notes each operation that PyTorch runs while it is open; keeps the tensors, so that each is known by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.tensors: list[Tensor] = []
        self.notes: list[tuple[str, tuple[int | float, ...]]] = []
        self.names: dict[int, str] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor):
            self.note(func.__name__.strip("_"), args, result)
        return result

    def note(self, operation: str, operands: tuple[Any, ...], result: Tensor, name: str = "") -> Tensor:
        """Takes up a result; what among its operands is neither a tensor nor a number is no part of the graph."""
        if self._place(result) is None:
            for each in operands:
                if isinstance(each, Tensor) and self._place(each) is None:
                    self.note(GIVEN, (), each)
            parts = [self._place(each) if isinstance(each, Tensor) else each for each in operands]
            self.tensors.append(result)
            self.notes.append((operation, tuple(each for each in parts if isinstance(each, int | float))))
        return self.named(result, name) if name else result

    def named(self, tensor: Tensor, name: str) -> Tensor:
        """Gives a tensor that was noted its name."""
        place = self._place(tensor)
        assert place is not None
        self.names.setdefault(place, name)
        return tensor

    def _place(self, tensor: Tensor) -> int | None:
        return next((place for place, each in enumerate(self.tensors) if each is tensor), None)

    def graph(self, name: str, output: Tensor) -> Graph:
        """Runs `backward()` from the last tensor noted, and reads off what autograd follows."""
        functions = [_function(tensor) for tensor in self.tensors]
        places = {function: place for place, function in enumerate(functions) if function is not None}
        sent: dict[tuple[int, int], list[Tensor]] = {}
        followed = {place: _leads_to(function, places) for function, place in places.items()}

        def passes(place: int, gradients: tuple[Tensor | None, ...], _: object) -> None:
            for target, gradient in zip(followed[place], gradients, strict=True):
                if target is not None and gradient is not None:
                    sent.setdefault((target, place), []).append(gradient.detach().clone())

        hooks = [function.register_hook(partial(passes, place)) for function, place in places.items()]
        fault = ""
        try:
            output.backward(torch.ones_like(output))
        except RuntimeError as error:
            fault = str(error)
        for hook in hooks:
            hook.remove()
        sums: dict[int, Tensor] = {} if fault else {len(functions) - 1: torch.ones_like(output)}
        for (source, _), gradients in sent.items():
            sums[source] = sum(gradients, sums.get(source, torch.zeros_like(output)))
        for place, tensor in enumerate(self.tensors):
            if tensor.is_leaf and tensor.grad is not None:
                sums[place] = tensor.grad
        nodes = [
            Node(
                operation,
                operands,
                "" if functions[place] is None else _name(functions[place]),
                self.tensors[place].detach().double(),
                self.names.get(place, ""),
                sums.get(place),
            )
            for place, (operation, operands) in enumerate(self.notes)
        ]
        edges = [
            Edge(source, place, source in followed.get(place, ()), tuple(sent.get((source, place), ())))
            for place, node in enumerate(nodes)
            for source in dict.fromkeys(each for each in node.operands if isinstance(each, int))
        ]
        return Graph(name, tuple(nodes), tuple(edges), fault)


def _function(tensor: Tensor) -> Any:
    """The tensor's node in autograd's graph: its `grad_fn`, for a leaf its AccumulateGrad, else None."""
    if tensor.is_leaf and tensor.requires_grad:
        return torch.autograd.graph.get_gradient_edge(tensor).node
    return tensor.grad_fn


def _leads_to(function: Any, places: Mapping[Any, int]) -> list[int | None]:
    """Where each of `next_functions` leads, by the places of the tensors; None where autograd follows nothing."""
    return [None if each is None else places[each] for each, _ in function.next_functions]


def _name(function: Any) -> str:
    return str(function.name()).rpartition("::")[2]
