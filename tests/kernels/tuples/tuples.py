"""Tuples of scalars: results, unpacking, swaps, nesting, indexing by constants."""
# gelcap: export pair(int, float)
# gelcap: export nested(int)
# gelcap: export unpack(int, int)
# gelcap: export rotate(int, int, int)
# gelcap: export from_call(int, int)
# gelcap: export chained(int)
# gelcap: export indexed(float)
# gelcap: export loop_state(int)
# gelcap: export mixed_types(int8, float32, bool)
# gelcap: export single(int)
# gelcap: export conditional(int)
# gelcap: export unpack_nested(int)
# gelcap: export none()
# gelcap: export plain_return(int)


def pair(n, x):
    return n + 1, x / 2.0


def nested(n):
    return n, (n * 2, n * 0.5), n > 0


def unpack(a, b):
    q, r = divmod(a, b)
    return q * b + r, q, r


def rotate(a, b, c):
    a, b, c = b, c, a
    return a, b, c


def minmax(a, b):
    return (a, b) if a < b else (b, a)


def from_call(a, b):
    low, high = minmax(a, b)
    return high - low


def chained(n):
    a = b = n * 2
    a += 1
    return a, b


def indexed(x):
    t = (x, x * 2.0, x * 3.0)
    return t[0] + t[2] - t[-2]


def loop_state(n):
    state = (0, 1)
    for i in range(n):
        a, b = state
        state = (b, a + b)
    return state


def mixed_types(a, b, c):
    return a, b, c


def single(n):
    return (n,)


def conditional(n):
    t = (1, 2.0) if n > 0 else (3, 4.0)
    return t


def unpack_nested(n):
    (a, b), c = (n, n + 1), n + 2
    return a * 100 + b * 10 + c


def none():
    pass


def plain_return(n):
    if n > 0:
        return
    return None


# run: pair(3, 5.0) == (4, 2.5)
# run: nested(4) == (4, (8, 2.0), True)
# run: unpack(17, 5) == (17, 3, 2)
# run: unpack(-17, 5) == (-17, -4, 3)
# run: unpack(17, 0) raises ZeroDivisionError "integer division or modulo by zero"
# run: rotate(1, 2, 3) == (2, 3, 1)
# run: from_call(9, 4) == 5
# run: chained(5) == (11, 10)
# run: indexed(1.5) == 3.0
# run: loop_state(10) == (55, 89)
# run: loop_state(0) == (0, 1)
# run: mixed_types(-5, 0.1, True) == (np.int8(-5), np.float32(0.10000000149011612), True)
# run: single(7) == (7,)
# run: conditional(1) == (1, 2.0)
# run: conditional(-1) == (3, 4.0)
# run: unpack_nested(1) == 123
# run: none() == None
# run: plain_return(1) == None
