"""Memory behind pointers: elements as ctypes has them, arrays over it as NumPy has them."""
import numpy as np
from numpy.ctypeslib import as_array
from gelcap import carray
import gelcap
# gelcap: export load8(uint8*, int)
# gelcap: export store8(uint8*, int, int)
# gelcap: export storei16(int16*, int, int)
# gelcap: export storef(float32*, int, float)
# gelcap: export storeint(float64*, int, int)
# gelcap: export vstore8(int8*, int, int, float)
# gelcap: export vstore(int8*, int, int, int)
# gelcap: export vstoreu(uint64*, int, int, float)
# gelcap: export vload(int8*, int, int)
# gelcap: export vaug(int8*, int, int, int)
# gelcap: export vaugf(int64*, int, int, float)
# gelcap: export vbool(bool_*, int, int, int)
# gelcap: export u64(uint64*, int)
# gelcap: export evalorder(float64*, int)

def load8(p, i):
    return p[i] + 1

def store8(p, i, v):
    p[i] = v
    return p[i]

def storei16(p, i, v):
    p[i] = v
    return p[i]

def storef(p, i, v):
    p[i] = v
    return p[i]

def storeint(p, i, v):
    p[i] = v
    return p[i]

def vstore8(p, n, i, v):
    a = as_array(p, (n,))
    a[i] = v
    return a[i]

def vstore(p, n, i, v):
    a = as_array(p, shape=(n,))
    a[i] = v
    return a[i]

def vstoreu(p, n, i, v):
    a = as_array(p, shape=(n,))
    a[i] = v
    return a[i]

def vload(p, n, i):
    a = as_array(p, shape=(n,))
    return a[i], a[i] + 100, a[i] * 2, a[0] == a[i]

def vaug(p, n, i, v):
    a = as_array(p, shape=(n,))
    a[i] += v
    return a[i]

def vaugf(p, n, i, v):
    a = as_array(p, shape=(n,))
    a[i] += v
    return a[i]

def vbool(p, n, i, v):
    a = as_array(p, shape=(n,))
    a[i] = v
    return a[i], a[0] + a[1]

def u64(p, i):
    return p[i] // 3

def evalorder(p, i):
    p[i] = p[i + 1] = p[i + 2]
    p[i], p[i + 1] = p[i + 1] + 1, p[i] + 2
    return p[i], p[i + 1]

# run: load8(ptr(uint8, [200, 255]), 1)
# run: store8(ptr(uint8, [200, 255]), 1, 7)
# run: storei16(ptr(int16, [200, 255]), 1, 32767)
# run: storef(ptr(float32, [1.0, 2.0]), 1, 0.1)
# run: storef(ptr(float32, [1.0, 2.0]), 1, 1e300)
# run: storeint(ptr(float64, [1.0, 2.0]), 1, 9007199254740993)
# run: vstore8(ptr(int8, [1, 2]), 2, 1, 3.7)
# run: vstore8(ptr(int8, [1, 2]), 2, 1, 300.0)
# run: vstore8(ptr(int8, [1, 2]), 2, 1, nan)
# run: vstore8(ptr(int8, [1, 2]), 2, 1, inf)
# run: vstore8(ptr(int8, [1, 2]), 2, -3, 1.0)
# run: vstore(ptr(int8, [1, 2]), 2, -1, 127)
# run: vstore(ptr(int8, [1, 2]), 2, -1, 128)
# run: vstoreu(ptr(uint64, [1, 2]), 2, -1, 1e19)
# run: vstoreu(ptr(uint64, [1, 2]), 2, -1, -1.5)
# run: vload(ptr(int8, [100, 2]), 2, 0)
# run: vload(ptr(int8, [100, 2]), 2, 2)
# run: vaug(ptr(int8, [100, 2]), 2, 0, 27)
# run: vaug(ptr(int8, [100, 2]), 2, 0, 28)
# run: vaug(ptr(int8, [100, 2]), 2, 0, 200)
# run: vaugf(ptr(int64, [100, 2]), 2, 0, 2.75)
# run: vbool(ptr(bool_, [True, False]), 2, 1, 2)
# run: u64(ptr(uint64, [10, 9223372036854775807]), 1)
# run: evalorder(ptr(float64, [1.0, 2.0, 4.0]), 0)
# gelcap: export voidp(void*, int)
def voidp(p, n):
    c = carray(p, n, gelcap.float64)
    c[n - 1] += 1
    return c[0] + c[n - 1]
# run: voidp(ptr(float64, [1.0, 2.5]), 2)
# run: voidp(ptr(float64, [1.0, 2.5]), 0)
