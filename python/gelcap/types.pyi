from typing import Any

class Type:
    name: str
    def __init__(self, name: str) -> None: ...
    def __call__(self, *params: Type) -> Signature: ...
    def __getitem__(self, axes: slice | tuple[slice, ...]) -> Type: ...
    def __or__(self, other: None) -> Type: ...
    @property
    def dtype(self) -> Any: ...

class Signature:
    result: Type
    params: tuple[Type, ...]
    def __init__(self, result: Type, params: tuple[Type, ...]) -> None: ...

def CPointer(pointee: Type) -> Type: ...

class _Subscript:
    def __getitem__(self, item: Any) -> Type: ...
    def __call__(self, *args: Any) -> Type: ...

Ptr: _Subscript
Array: _Subscript
void: Type
none: Type
voidptr: Type
boolean: Type
bool_: Type
int8: Type
int16: Type
int32: Type
int64: Type
uint8: Type
uint16: Type
uint32: Type
uint64: Type
float32: Type
float64: Type
single: Type
double: Type
intc: Type
uintc: Type
intp: Type
uintp: Type
long_: Type
ulong: Type
