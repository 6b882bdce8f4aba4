"""Loops over arrays: elements, rows, zip, enumerate, reversed, else, break; arrays that change under the loop."""
import numpy as np

# types: from-arguments
# let: a = np.array([3.0, 1.0, -2.0, 5.0])
# let: m = np.arange(6, dtype=np.int32).reshape(2, 3)


def elements(a):
    n = 0
    for v in a:
        n = n * 10 + int(v)
    return n


def rows(m):
    s = 0
    for r in m:
        s = s * 7 + int(r[-1])
        r[0] = -1
    return s


def nested(m):
    out = np.zeros(m.size)
    k = 0
    for r in m:
        for v in r:
            out[k] = v
            k += 1
    return out


def pairs(a, b):
    s = 0.0
    for x, y in zip(a, b):
        s += x * y
    return s


def numbered(a):
    s = 0.0
    for k, v in enumerate(a):
        s += k * v
    return s


def numbered_from(a):
    k = -1
    for k, v in enumerate(a, 5):
        if v < 0:
            break
    return k


def backwards(a):
    s = 0.0
    for v in reversed(a):
        s = s / 2 + v
    return s


def first_negative(a):
    for k in range(len(a)):
        if a[k] < 0:
            break
    else:
        return -1
    return k


def changed_ahead(a):
    s = 0.0
    for v in a:
        a[-1] += 1.0
        s += v
    return s


def changed_behind(a):
    k = 0
    for v in a:
        a[k] = v + a[0]
        k += 1


def over_a_view(a):
    n = 0
    for v in a[::-2]:
        n += int(v) + 100
    return n


def over_an_expression(a):
    s = 0.0
    for v in a * 2 + 1:
        a[0] += 1
        s += v
    return s


def rebound_in_the_loop(a):
    s = 0.0
    for v in a:
        a = a * 2
        s += v + a[0]
    return s


def after_the_loop(a):
    v = -1.0
    for v in a:
        pass
    return v


def while_descending(a):
    k = 1
    while k < len(a) and a[k] <= a[k - 1]:
        k += 1
    return k


def bubble(a):
    n = len(a)
    for i in range(n):
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]


def skip_some(a):
    n = 0
    for v in a:
        if v > 2:
            continue
        n += 1
    return n


def stencil(m):
    out = np.zeros_like(m)
    for i in range(1, m.shape[0] - 1):
        for j in range(1, m.shape[1] - 1):
            out[i, j] = m[i - 1, j] + m[i + 1, j] + m[i, j - 1] + m[i, j + 1] - 4 * m[i, j]
    return out


def negative_steps(a):
    s = 0.0
    for k in range(-1, -len(a) - 1, -1):
        s = s * 0.5 + a[k]
    return s


# run: elements(a)
# run: elements(a[::-1])
# run: elements(a[:0])
# run: elements(np.array([nan])) raises ValueError
# run: elements(np.array([1, 2], np.uint8))
# run: rows(m)
# run: rows(m.T)
# run: rows(m[:, ::-1])
# run: rows(m[:0])
# run: rows(m[:, :0]) raises IndexError
# run: nested(m)
# run: nested(m.T)
# run: nested(m[:, :0])
# run: pairs(a, a)
# run: pairs(a, a[:2])
# run: pairs(np.arange(4), a[::-1])
# run: numbered(a)
# run: numbered_from(a)
# run: numbered_from(a[:0])
# run: backwards(a)
# run: backwards(a[::2])
# run: first_negative(a) == 2
# run: first_negative(a[:2]) == -1
# run: first_negative(a[:0])
# run: changed_ahead(a)
# run: changed_behind(a)
# run: changed_behind(np.arange(4, dtype=np.int8) + 60)
# run: over_a_view(a)
# run: over_an_expression(a)
# run: rebound_in_the_loop(a)
# run: after_the_loop(a)
# run: while_descending(a)
# run: while_descending(a[:1])
# run: bubble(a)
# run: bubble(np.array([3, 1, 2], np.uint16)[::-1])
# run: bubble(np.array([nan, 1.0, -0.0, 0.0, -inf]))
# run: skip_some(a)
# run: stencil(np.arange(20.0).reshape(4, 5) ** 2)
# run: stencil((np.arange(20) % 7).reshape(4, 5).astype(np.int8))
# run: stencil(np.asfortranarray(np.arange(20.0).reshape(4, 5) % 3))
# run: stencil(np.zeros((1, 5)))
# run: stencil(np.zeros((0, 0)))
# run: negative_steps(a)
