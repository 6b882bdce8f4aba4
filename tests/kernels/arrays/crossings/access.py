"""Elements: any rank, any strides, negative indices, and what lies outside."""
# types: from-arguments
# let: a = np.arange(24.0)
# let: i8 = np.array([-128, 127, 0, -1], np.int8)


def one(a, i):
    return a[i]


def two(a, i, j):
    return a[i, j]


def three(a, i, j, k):
    return a[i, j, k]


def four(a, i, j, k, m):
    return a[i, j, k, m]


def chained(a, i, j):
    return a[i][j]


def put(a, i, v):
    a[i] = v
    return a[0]


def put2(a, i, j, v):
    a[i, j] = v


def swap(a, i, j):
    a[i], a[j] = a[j], a[i]


def bump(a, i, v):
    a[i] += v
    return a[i]


def by_element(a, b):
    return a[b[0]]


def last_of_each(a):
    return a[-1, -1], a[0, -1], a[-1, 0]


# run: one(a, 0) == np.float64(0.0)
# run: one(a, -1) == np.float64(23.0)
# run: one(a, 23)
# run: one(a, -24)
# run: one(a, 24) raises IndexError "index 24 is out of bounds for axis 0 with size 24"
# run: one(a, -25) raises IndexError "index -25 is out of bounds for axis 0 with size 24"
# run: one(a, 9223372036854775807) raises IndexError
# run: one(a, -9223372036854775808) raises IndexError
# run: one(a[:0], 0) raises IndexError "index 0 is out of bounds for axis 0 with size 0"
# run: one(a[:0], -1) raises IndexError
# run: one(a[::-1], 0) == np.float64(23.0)
# run: one(a[::-5], -1)
# run: one(a[3::7], 2)
# run: one(np.broadcast_to(np.float64(7.0), (5,)), 4)
# run: one(i8, 0) == np.int8(-128)
# run: one(np.array([True, False]), 1)
# run: one(np.array([2**64 - 1], np.uint64), 0)
# run: one(np.array([1.5], np.float32), 0)
# run: one(np.array([nan, -0.0, inf]), 1)
# run: two(a.reshape(4, 6), 3, -6)
# run: two(a.reshape(4, 6), 4, 0) raises IndexError "index 4 is out of bounds for axis 0 with size 4"
# run: two(a.reshape(4, 6), 0, 6) raises IndexError "index 6 is out of bounds for axis 1 with size 6"
# run: two(a.reshape(4, 6), 0, -7) raises IndexError "index -7 is out of bounds for axis 1 with size 6"
# run: two(a.reshape(4, 6), 9, 9) raises IndexError "index 9 is out of bounds for axis 0 with size 4"
# run: two(a.reshape(4, 6).T, 5, 3)
# run: two(a.reshape(4, 6).T, 3, 5) raises IndexError
# run: two(a.reshape(4, 6)[::-1, ::-2], 0, -1)
# run: two(a.reshape(4, 6)[:, :0], 0, 0) raises IndexError "index 0 is out of bounds for axis 1 with size 0"
# run: two(np.asfortranarray(a.reshape(4, 6)), 1, 2)
# run: three(a.reshape(2, 3, 4), -1, -1, -1)
# run: three(a.reshape(2, 3, 4).transpose(1, 2, 0), 2, 3, 1)
# run: three(a.reshape(2, 3, 4), 1, 3, 0) raises IndexError "index 3 is out of bounds for axis 1 with size 3"
# run: three(a.reshape(24, 1, 1), 5, 0, -1)
# run: four(a.reshape(2, 3, 2, 2), 1, 2, 1, -2)
# run: four(a.reshape(2, 3, 2, 2).T, 1, 1, 2, 2) raises IndexError "index 2 is out of bounds for axis 3 with size 2"
# run: chained(a.reshape(4, 6), -1, -1)
# run: chained(a.reshape(4, 6).T, 4, 3)
# run: chained(a.reshape(4, 6), 1, 6) raises IndexError "index 6 is out of bounds for axis 0 with size 6"
# run: put(np.zeros(3), -1, 2.5)
# run: put(np.zeros(3), 3, 2.5) raises IndexError
# run: put(np.zeros(3, np.float32), 0, 0.1) == np.float32(0.1)
# run: put(np.zeros(3, np.float32), 0, 1e300) == np.float32(inf)
# run: put(np.zeros(3, np.int8), 0, 127)
# run: put(np.zeros(3, np.int8), 0, 128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: put(np.zeros(3, np.uint8), 1, -1) raises OverflowError "Python integer -1 out of bounds for uint8"
# run: put(np.zeros(3, np.int64), 0, np.float64(3.99))
# run: put(np.zeros(3, np.int64), 0, -3.99)
# run: put(np.zeros(3, np.int8), 0, np.int32(300)) raises OverflowError "Python integer 300 out of bounds for int8"
# run: put(np.zeros(3, np.int8), 0, np.uint8(200)) raises OverflowError "Python integer 200 out of bounds for int8"
# run: put(np.zeros(3, np.int8), 0, np.float32(300.0)) raises OverflowError "Python integer 300 out of bounds for int8"
# run: put(np.zeros(3, np.uint8), 0, np.float64(300.0)) == np.uint8(44)
# run: put(np.zeros(3, np.uint64), 0, np.int8(-1)) == np.uint64(2**64 - 1)
# run: put(np.zeros(3, np.int32), 0, np.int64(2**40)) raises OverflowError
# run: put(np.zeros(3, np.uint8), 0, np.float64(1.9e19))
# run: put(np.zeros(3, np.uint64), 0, np.float64(1.8e19))
# run: put(np.zeros(3, np.uint32), 0, np.float32(-1.5)) == np.uint32(4294967295)
# run: put(np.zeros(3, np.uint32), 0, np.float32(nan))
# run: put(np.zeros(3, np.uint8), 0, np.float64(-inf))
# run: put(np.zeros(3, np.uint8), 0, -1.5) raises OverflowError "Python integer -1 out of bounds for uint8"
# run: put(np.zeros(3, np.uint16), 0, np.int8(-1))
# run: put(np.zeros(3, bool), 0, 2)
# run: put(np.zeros(3, bool), 0, nan)
# run: put(np.zeros(3), 0, True)
# run: put(np.zeros(3), 0, np.uint64(2**64 - 1))
# run: put2(np.zeros((2, 3)), 1, -1, 5.0)
# run: put2(np.zeros((3, 2)).T, 1, -1, 5.0)
# run: put2(np.zeros((4, 4))[::2, ::-2], -1, 0, 5.0)
# run: put2(np.zeros((2, 3)), 2, 0, 5.0) raises IndexError
# run: swap(np.arange(5), 0, -1)
# run: swap(np.arange(5), 2, 2)
# run: swap(np.arange(5), 0, 5) raises IndexError
# run: swap(np.arange(10)[::3], 0, -1)
# run: bump(np.array([127], np.int8), 0, 1) == np.int8(-128)
# run: bump(np.array([0], np.uint8), 0, np.uint8(255))
# run: bump(np.array([255], np.uint8), 0, 1)
# run: bump(np.array([1], np.uint8), 0, 256) raises OverflowError
# run: bump(np.array([2**63 - 1]), -1, 1)
# run: bump(np.array([0.1], np.float32), 0, 0.2)
# run: bump(np.array([1.0]), 1, 1.0) raises IndexError
# run: by_element(a, np.array([3]))
# run: by_element(a, np.array([-3], np.int8))
# run: by_element(a, np.array([30], np.uint64)) raises IndexError
# run: last_of_each(a.reshape(4, 6))
# run: last_of_each(a.reshape(4, 6)[:, 2:3])
# run: last_of_each(a.reshape(4, 6)[:0]) raises IndexError
