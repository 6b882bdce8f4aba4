"""Variables whose type depends on the path, loops with every way out, calls, tuples."""
import math
import numpy as np
from numpy.ctypeslib import as_array

# gelcap: export mean(float64*, int)
# gelcap: export total(float64*, int)
# gelcap: export total_i32(int32*, int)
# gelcap: export pick(bool, int, float64)
# gelcap: export intfloat(bool, int, float)
# gelcap: export last(int)
# gelcap: export found(int, int)
# gelcap: export search(int)
# gelcap: export swap(int, int)
# gelcap: export const_range(int)
# gelcap: export nested(int, int)
# gelcap: export either_ops(bool, float, float64, float)
# gelcap: export either_cmp(bool, float, float64, int)
# gelcap: export either_int(bool, int, int32)
# gelcap: export either_arg(bool, float, float64)
# gelcap: export wrapneg(float64*, int, int)
# gelcap: export setdefault(float64*, int)
# gelcap: export chain(int, int, int)
# gelcap: export boolval(int, int)
# gelcap: export tup(int, float64)
# gelcap: export condtup(bool, int)
# gelcap: export wtrue(int)
# gelcap: export brk_types(int)
# gelcap: export dead(bool, int)
# gelcap: export dead2(int)
# gelcap: export ftoint(int)
# gelcap: export reuse(int)
# gelcap: export steps(int, int, int)
# gelcap: export modloop(int)
# gelcap: export loopelse(int, int)
# gelcap: export whileelse(int)
# gelcap: export contin(int)
# gelcap: export kw(int)
# gelcap: export fibt(int)
# gelcap: export table(int)
# gelcap: export evenodd(int)
# gelcap: export ack(int, int)
# gelcap: export defaults(int)
# gelcap: export minmax(int, int, int)
# gelcap: export aug(float64*, int)
# gelcap: export boolsum(int, int, int)

def mean(p, n):
    a = as_array(p, (n,))
    s = 0.0
    for i in range(n):
        s += a[i]
    return s / len(a)

def total(p, n):
    a = as_array(p, (n,))
    s = 0
    for i in range(n):
        s += a[i]
    return s

def total_i32(p, n):
    a = as_array(p, (n,))
    s = 0
    for i in range(n):
        s = s + a[i]
    return s

def pick(c, i, x):
    v = i
    if c:
        v = x
    return v + 1

    v = x if c else y
    return v * 2.0

def intfloat(c, i, x):
    if c:
        v = i
    else:
        v = x
    return v + 0.5

def last(n):
    i = -1
    for i in range(n):
        pass
    return i

def found(n, k):
    for i in range(n):
        if i == k:
            r = i * 10
            break
    else:
        r = -1
    return r

def search(n):
    i = 0
    while True:
        x = i * i
        if x >= n:
            break
        i += 1
    return x

def swap(a, b):
    for _ in range(3):
        a, b = b, a + b
    return a, b

def const_range(k):
    for i in range(3):
        y = i * k
    return y, i

def nested(n, m):
    t = 0
    for i in range(n):
        for j in range(m):
            if j > i:
                break
            if (i + j) % 2:
                continue
            t += i * j
        else:
            t += 100
    return t

def either_ops(c, x, y, z):
    v = x
    if c:
        v = y
    return v / z, v * z, v - 1, -v, abs(v), v ** 2, v // z, v % z

def either_cmp(c, x, y, k):
    v = x
    if c:
        v = y
    return v < k, v == y, not v, int(v), 1 if v > 0 else 2

def either_int(c, i, j):
    v = i
    if c:
        v = j
    w = v + 1
    return w * 2, v < i, v & 3, v << 1, float(v)

def helper(v, w):
    return v * w + 1

def either_arg(c, x, y):
    v = x
    if c:
        v = y
    return helper(v, 3), math.sqrt(abs(v)), np.exp(v * 0)

def wrapneg(p, n, i):
    a = as_array(p, (n,))
    return a[i]

def setdefault(p, n):
    a = as_array(p, (n,))
    a[0] = 5
    a[-1] += 2
    a[1] = np.float32(0.5)
    return a[0] + a[-1], p[1], len(a), a.size, a.shape[0]

def chain(a, b, c):
    return a < b < c, a < b > c, a == b == c, (a < b) + (b < c)

def boolval(a, b):
    return (a and b), (a or b), (not a), (a and b or a + b)

def tup(i, x):
    t = (i, x, (i + 1, 2.0))
    a, b, (c, d) = t
    u = t[1], t[-1][0]
    return a + c, b * d, u[0], u[1], len(t)

def condtup(c, n):
    t = (n, 1.0)
    if c:
        t = (n + 1, 2)
    return t

def wtrue(n):
    s = 0
    while 1:
        s += n
        if s > 100:
            return s
        n += 1

def brk_types(n):
    r = 0
    for i in range(n):
        if i == 3:
            r = 2.5
            break
        r = i
    return r

def dead(c, n):
    k = 2 ** 62
    k = k + n
    if c:
        k = 0.5
    return n

def dead2(n):
    t = 1
    for i in range(n):
        t = (i, 2)
        s = t[0]
    return n

def ftoint(n):
    x = 1.5
    x = n
    x = x // 2
    return x

def reuse(n):
    i = n
    x = i
    i = 2.5
    y = i * x
    i = (1, 2)
    return y, i[1]

def steps(a, b, s):
    t = 0
    c = 0
    for i in range(a, b, s):
        t += i
        c += 1
    return t, c

def modloop(n):
    t = 0
    for i in range(n):
        t += i
        i = 100
        t += i
    return t

def loopelse(n, k):
    r = 0
    for i in range(n):
        if i == k:
            break
        r += i
    else:
        r = -r
    return r

def whileelse(n):
    while n > 3:
        n -= 2
        if n == 7:
            break
    else:
        n = n * 100
    return n

def contin(n):
    i = 0
    t = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        t += i
    return t

def kwf(a, b=2, *, c=3):
    return a * 100 + b * 10 + c

def kw(n):
    return kwf(n), kwf(n, 5), kwf(n, c=7), kwf(b=1, a=n), kwf(c=n, a=1, b=n + 1)

def fibt(n):
    if n < 2:
        return n
    return fibt(n - 1) + fibt(n - 2)

TAB = (1, 1, 2, 3, 5, 8, 13)

def table(i):
    return TAB[i] + len(TAB)

def even(n):
    return True if n == 0 else odd(n - 1)

def odd(n):
    return False if n == 0 else even(n - 1)

def evenodd(n):
    return even(n), odd(n)

def ack(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ack(m - 1, 1)
    return ack(m - 1, ack(m, n - 1))

SCALE = 2.0 * math.pi
N = 1 << 4

def defaults(n, k=N, s=SCALE):
    return n * k + s

def minmax(a, b, c):
    return min(a, b, c), max(a, b, c), min(a, b) if a else max(b, c)

def aug(p, i):
    p[i] += 1.5
    p[i] *= 2
    p[i] -= i
    p[i] /= 4
    return p[i]

def boolsum(a, b, c):
    t = (a > b) + (b > c)
    return t, True + t, (a > b) & (b > c), (a > b) | True, (a > b) ^ (b > c), -(a > b), ~(a > b)

# run: mean(ptr(float64, [1.0, 2.0, 4.5]), 3)
# run: mean(ptr(float64, [1.0, 2.0, 4.5]), 0)
# run: total(ptr(float64, [1.0, 2.0, 4.5]), 3)
# run: total_i32(ptr(int32, [1, 2, 4]), 3)
# run: total_i32(ptr(int32, [2147483647, 2, 4]), 3)
# run: pick(True, 3, 2.5)
# run: intfloat(True, 3, 1.5)
# run: intfloat(False, 3, 1.5)
# run: last(0)
# run: last(5)
# run: found(5, 3)
# run: found(5, 30)
# run: search(50)
# run: swap(1, 2)
# run: const_range(7)
# run: nested(5, 4)
# run: either_ops(True, 2.5, 0.5, 0.0)
# run: either_ops(False, 2.5, 0.5, 0.0)
# run: either_ops(True, 2.5, 0.5, 3.0)
# run: either_cmp(True, 2.5, 0.5, 1)
# run: either_int(True, 5, 2147483647)
# run: either_arg(True, 2.5, 0.25)
# run: wrapneg(ptr(float64, [1.0, 2.0, 3.0]), 3, -1)
# run: wrapneg(ptr(float64, [1.0, 2.0, 3.0]), 3, -4)
# run: wrapneg(ptr(float64, [1.0, 2.0, 3.0]), 3, 3)
# run: setdefault(ptr(float64, [1.0, 2.0, 3.0]), 3)
# run: chain(1, 2, 3)
# run: chain(3, 2, 1)
# run: boolval(0, 3)
# run: boolval(2, 3)
# run: tup(3, 1.5)
# run: wtrue(9)
# run: dead(True, 3)
# run: dead(False, 3)
# run: dead2(3)
# run: ftoint(7)
# run: reuse(4)
# run: steps(0, 10, 3)
# run: steps(10, 0, -3)
# run: steps(0, 10, -1)
# run: steps(0, 10, 0)
# run: modloop(4)
# run: loopelse(5, 3)
# run: loopelse(5, 7)
# run: whileelse(12)
# run: whileelse(11)
# run: contin(10)
# run: kw(4)
# run: fibt(12)
# run: table(3)
# run: table(-1)
# run: table(7)
# run: table(-8)
# run: evenodd(7)
# run: ack(2, 3)
# run: defaults(3)
# run: minmax(3, 1, 2)
# run: minmax(0, 1, 2)
# run: aug(ptr(float64, [1.0, 2.0, 3.0]), 1)
# run: boolsum(3, 2, 1)
