"""Slices with any bounds and step, new axes, `...`: views whose memory is the operand's."""
import numpy as np

# types: from-arguments
# let: a = np.arange(10)
# let: m = np.arange(12.0).reshape(3, 4)
# let: c = np.arange(24, dtype=np.int16).reshape(2, 3, 4)


def whole(a):
    return a[:]


def bounds(a, i, j):
    return a[i:j]


def stepped(a, i, j, k):
    return a[i:j:k]


def from_(a, i):
    return a[i:]


def until(a, j):
    return a[:j]


def every(a, k):
    return a[::k]


def reverse(a):
    return a[::-1]


def rows(m, i, j):
    return m[i:j]


def columns(m, i, j):
    return m[:, i:j]


def block(m, i, j, k):
    return m[i:, j::k]


def row(m, i):
    return m[i]


def column(m, j):
    return m[:, j]


def inner(m):
    return m[1:-1, 1:-1]


def flipped(m):
    return m[::-1, ::-1]


def tall(a):
    return a[:, None]


def wide(a):
    return a[None, :]


def sandwiched(m):
    return m[:, np.newaxis, :]


def dots_last(m, i):
    return m[..., i]


def dots_first(m, i):
    return m[i, ...]


def dots_between(c, i, j):
    return c[i, ..., j]


def dots_new(m):
    return m[..., None]


def twice(a):
    return a[2:][::2]


def of_transposed(m, i):
    return m.T[i]


def mixed(c, i):
    return c[i, ::-1, 1:3]


def nothing(a):
    return a[5:2]


def length(a, i, j, k):
    return len(a[i:j:k])


# run: whole(a)
# run: whole(a[::-3])
# run: whole(a[:0])
# run: bounds(a, 2, 7)
# run: bounds(a, -3, -1)
# run: bounds(a, -100, 100)
# run: bounds(a, 100, 200)
# run: bounds(a, 7, 2)
# run: bounds(a, 9223372036854775807, -9223372036854775808)
# run: bounds(a[::2], 1, -1)
# run: stepped(a, 1, 9, 3)
# run: stepped(a, 9, 1, -3)
# run: stepped(a, -1, -11, -1)
# run: stepped(a, 100, -100, -4)
# run: stepped(a, 0, 10, 100)
# run: stepped(a, 0, 10, 9223372036854775807)
# run: stepped(a, 9, 0, -9223372036854775808)
# run: stepped(a, 0, 10, 0) raises ValueError "slice step cannot be zero"
# run: stepped(a[::-1], 1, 9, -2)
# run: stepped(a[:0], 0, 5, -1)
# run: stepped(a[:1], 0, -5, -1)
# run: from_(a, -4)
# run: from_(a, 10)
# run: from_(a, 11)
# run: until(a, -10)
# run: until(a, -11)
# run: until(a, 3)
# run: every(a, 3)
# run: every(a, -3)
# run: every(a, 0) raises ValueError "slice step cannot be zero"
# run: reverse(a)
# run: reverse(a[:1])
# run: reverse(a[:0])
# run: reverse(reverse := a[::2])
# run: rows(m, 1, 3)
# run: rows(m, -1, 100)
# run: rows(m, 2, 1)
# run: rows(m.T, 1, 3)
# run: columns(m, 1, 3)
# run: columns(m, 0, 1)
# run: columns(np.asfortranarray(m), 1, 3)
# run: columns(m, 4, 9)
# run: block(m, 1, 0, 2)
# run: block(m, -1, -1, -1)
# run: row(m, -1)
# run: row(m.T, 1)
# run: row(m, 3) raises IndexError "index 3 is out of bounds for axis 0 with size 3"
# run: row(c, 1)
# run: column(m, 2)
# run: column(m.T, 2)
# run: column(m, -5) raises IndexError "index -5 is out of bounds for axis 1 with size 4"
# run: column(m[:0], 0)
# run: inner(m)
# run: inner(m[:2])
# run: inner(m[:0])
# run: flipped(m)
# run: flipped(m[::2, ::-1])
# run: tall(a)
# run: tall(a[:0])
# run: wide(a)
# run: wide(a[::-2])
# run: sandwiched(m)
# run: sandwiched(m.T)
# run: dots_last(m, 0)
# run: dots_last(c, -1)
# run: dots_last(a[:, None], 0)
# run: dots_first(m, 1)
# run: dots_first(c, -2)
# run: dots_between(c, 1, 2)
# run: dots_between(m, 1, 2) == np.array(6.0)
# run: dots_new(m)
# run: twice(a)
# run: twice(a[::-1])
# run: of_transposed(m, 3)
# run: of_transposed(m, 4) raises IndexError
# run: mixed(c, -1)
# run: mixed(c, 2) raises IndexError
# run: nothing(a)
# run: length(a, 1, -1, 3) == 3
# run: length(a, 8, 0, -3) == 3
# run: length(a, -9223372036854775808, 9223372036854775807, 1) == 10
