"""LLVM IR text -> machine code, through an object file that is kept in the user's cache folder (vm/cache.py).

The cache's key is the text of the sources that generate the IR, not the IR: a warm start generates nothing.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import llvmlite
import llvmlite.binding as llvm

from vm import cache
from vm.micro.target import Target

_SOURCES = Path(__file__).parent.parent
_engines: list[llvm.ExecutionEngine] = []  # code stays mapped as long as the process


def _key(identity: str) -> str:
    """What tells the module from others made of the same sources -> digest of everything that the object file depends
    on."""
    digest = hashlib.sha256(f"{identity} {llvmlite.__version__} {llvm.get_host_cpu_name()}".encode())
    digest.update(llvm.get_host_cpu_features().flatten().encode())
    files = [_SOURCES / "arch.py", _SOURCES / "state.py"]
    files += sorted((_SOURCES / "micro").glob("*.py")) + sorted((_SOURCES / "isa").glob("*.py"))
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:32]


def _target_machine() -> llvm.TargetMachine:
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=2,
        reloc="pic",
        codemodel="small",
        jit=True,
    )


def _compile(text: str) -> bytes:
    """IR text -> object file."""
    module = llvm.parse_assembly(text)
    module.verify()
    machine = _target_machine()
    # Handlers are short and hold no stack variables: tidying up serves as well as the whole pipeline, in a tenth of
    # its time.
    passes = llvm.create_new_module_pass_manager()
    passes.add_instruction_combine_pass()
    passes.add_simplify_cfg_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=2)))
    return machine.emit_object(module)


def compiled(name: str, identity: str, build: Callable[[], str]) -> Callable[[str], int]:
    """Name of a module, what tells it from others, function that makes its IR text -> function from an exported name to
    its host address."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    file = cache.cache_folder() / "engine" / f"{name}-{_key(identity)}.o"
    code = cache.load(file)
    if code is None:
        code = _compile(build())
        cache.keep(file, code)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target_machine())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return engine.get_function_address


@dataclass(frozen=True)
class Interpreter:
    """Generated code: run(host address of a state record) goes on until it must leave. The addresses are those of the
    handlers that stand in records which are not decoded yet, and behind a page's last."""

    run: Callable[[int], None]
    undecoded: int
    page_end: int


@functools.cache
def interpreter(target: Target) -> Interpreter:
    """-> the interpreter of a mode, compiled at the first use on this host."""

    def build() -> str:
        text: str = target.builder_class(target).module()
        return text

    address = compiled(target.mode + target.build, repr(target), build)
    handler = ctypes.CFUNCTYPE(ctypes.c_void_p)
    return Interpreter(
        run=ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address("run")),
        undecoded=handler(address("undecoded_address"))(),
        page_end=handler(address("page_end_address"))(),
    )
