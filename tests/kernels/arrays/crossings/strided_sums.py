"""Sums over views whose axes do not lie end to end: which axis NumPy's iterator takes first, and what it adds at once."""
import numpy as np

# types: from-arguments
# let: t = np.arange(30000) * 0.1
# let: u = 1.0 / (1.0 + np.arange(40000))
# let: w = u.astype(np.float32)


def total(a):
    return np.sum(a), a.mean()


def extremes(a):
    return np.min(a), np.max(a)


# run: total(np.broadcast_to(u[:7], (3, 7)))
# run: total(np.broadcast_to(u[:3, None], (3, 7)))
# run: total(np.broadcast_to(u[:20].reshape(4, 1, 5), (4, 6, 5)))
# run: total(np.broadcast_to(u[:20].reshape(4, 1, 5), (4, 6, 5)).T)
# run: total(np.broadcast_to(u[:20].reshape(4, 1, 5).T, (5, 3, 4)))
# run: total(np.broadcast_to(u[:9], (2, 3, 9)))
# run: total(np.broadcast_to(u[:9, None, None], (9, 2, 3)))
# run: total(np.broadcast_to(u[:5], (40, 5)))
# run: total(np.broadcast_to(u[:2], (1000, 2)))
# run: total(np.broadcast_to(u[:33, None], (33, 300)))
# run: total(np.broadcast_to(u[:18:2].reshape(3, 3)[::-1], (2, 3, 3)))
# run: total(np.broadcast_to(u[:24].reshape(2, 3, 4).transpose(2, 0, 1)[:, None], (4, 5, 2, 3)))
# run: total(np.broadcast_to(u[:24].reshape(2, 3, 4).transpose(1, 0, 2)[:, ::-1, None, ::2], (3, 2, 7, 2)))
# run: total(np.broadcast_to(u[:1], (4, 1)))
# run: total(np.broadcast_to(u[:0], (4, 0)))
# run: total(np.broadcast_to(np.float64(0.1), (50, 60)))
# run: total(np.broadcast_to(w[:7], (5, 7)))
# run: total(np.broadcast_to(w[:70, None], (70, 130)))
# run: total(u[:8].reshape(2, 4)[:, ::2])
# run: total(u[:6].reshape(2, 3)[:, ::-1])
# run: total(u[:36].reshape(2, 3, 6)[:, ::2, ::3])
# run: total(u[:24].reshape(1, 4, 1, 6)[:, ::2])
# run: total(u[:8200].reshape(2, 4100)[:, 1:])
# run: total(u[:8200].reshape(4100, 2)[:, ::-1])
# run: total(u[:8194].reshape(2, 4097)[::-1])
# run: total(u[:8192].reshape(2, 4096)[::-1])
# run: total(u[:8190].reshape(2, 4095)[::-1])
# run: total(u[:10000].reshape(100, 100)[:, 1:])
# run: total(u[:10000].reshape(100, 100).T[1:])
# run: total(u[:17000].reshape(2, 100, 5, 17)[:, ::-1].transpose(3, 1, 2, 0))
# run: total(u[:17000].reshape(2, 100, 5, 17)[..., ::-1])
# run: total(u[:36000].reshape(3, 4, 3000)[:, :, 1:])
# run: total(u[:30000].reshape(3, 10000)[:, 5:])
# run: total(t.reshape(300, 100)[::2, ::2])
# run: total(t.reshape(30, 10, 100)[:, 1:, ::-1])
# run: total(w[:30000].reshape(300, 100)[:, ::3])
# run: total(np.lib.stride_tricks.as_strided(u, (50, 60), (8, 8)))
# run: total(np.lib.stride_tricks.as_strided(u, (50, 60, 3), (8, 16, 8)))
# run: total(np.lib.stride_tricks.as_strided(u, (3, 50, 2), (0, 24, 0)))
# run: extremes(np.array([0.0, -0.0]))
# run: extremes(np.array([-0.0, 0.0]))
# run: extremes(np.array([-0.0, 0.0, -0.0], np.float32))
# run: extremes(np.array([nan, 0.0]))
# run: extremes(np.array([-0.0, nan, 0.0]))
# run: extremes(np.array([0.0, -1.0, -0.0, 1.0]))
# run: extremes(np.array([[0.0, -0.0], [-0.0, 0.0]]))
# run: extremes(np.array([[0.0, -0.0], [0.0, 0.0]])[:, ::-1])
# run: extremes(np.broadcast_to(np.array([[0.0], [-0.0]]), (2, 3)))
