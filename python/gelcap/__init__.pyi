from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict, TypeVar, Unpack, overload

from . import sandbox as sandbox
from . import scipy as scipy
from . import types as types
from .sandbox import Sandbox as Sandbox
from .types import Array as Array
from .types import Ptr as Ptr
from .types import Signature, Type
from .types import boolean as boolean
from .types import float32 as float32
from .types import float64 as float64
from .types import int8 as int8
from .types import int16 as int16
from .types import int32 as int32
from .types import int64 as int64
from .types import intc as intc
from .types import intp as intp
from .types import uint8 as uint8
from .types import uint16 as uint16
from .types import uint32 as uint32
from .types import uint64 as uint64
from .types import uintp as uintp
from .types import void as void
from .types import voidptr as voidptr

__version__: str
__all__: list[str]
bool_: Type

_F = TypeVar("_F", bound=Callable[..., Any])
Stage = Literal["ast", "types", "ir", "wat", "clif", "asm", "target"]

class Options(TypedDict, total=False):
    target: Literal["auto", "native", "wasm"]
    boundscheck: bool
    wraparound: bool
    overflow: bool
    opt_level: Literal[0, 1, 2]
    extents: Mapping[str, str]
    nopython: bool
    nogil: bool
    cache: bool
    parallel: bool
    fastmath: bool | set[str]
    native_name: str
    error_model: str
    inline: str

class CompileError(SyntaxError):
    diagnostics: Sequence[Mapping[str, Any]]
    rendered: str

class CompileWarning(UserWarning): ...

class CompiledSignature:
    numba: str
    pythran: str
    c: str

class Function:
    __name__: str
    py_func: Callable[..., Any] | None
    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...
    @property
    def signature(self) -> CompiledSignature: ...
    @property
    def signatures(self) -> list[CompiledSignature]: ...
    def inspect(self, stage: Stage = "ir") -> str: ...
    @property
    def address(self) -> int: ...
    @property
    def ctypes(self) -> Any: ...
    @property
    def capsule(self) -> Any: ...
    def low_level_callable(self, user_data: Any = None) -> Any: ...
    def bind(self, **params: Any) -> scipy.Bound: ...
    @property
    def last_error(self) -> BaseException | None: ...
    def check(self) -> None: ...

def cfunc(signature: str | Signature, /, **options: Unpack[Options]) -> Callable[[Callable[..., Any]], Function]: ...
@overload
def jit(function: Callable[..., Any], signatures: str | Signature | Sequence[str | Signature] | None = None, /,
        **options: Unpack[Options]) -> Function: ...
@overload
def jit(function: str | Signature | Sequence[str | Signature] | None = None, /,
        **options: Unpack[Options]) -> Callable[[Callable[..., Any]], Function]: ...
def compile(source: str | bytes, name: str | None = None, signature: str | Signature | None = None, /, *,
            filename: str = "<kernel>", **options: Unpack[Options]) -> Function: ...
def carray(pointer: Any, shape: int | Sequence[int], dtype: Any = None) -> Any: ...
def farray(pointer: Any, shape: int | Sequence[int], dtype: Any = None) -> Any: ...
def doctor(file: Any = None) -> bool: ...
