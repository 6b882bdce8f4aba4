"""Gray-Scott: two substances react and diffuse, and patterns grow. Press to seed."""
# title: Gray-Scott
# shape: image = 200, 200, 4
# shape: u = 200, 200
# shape: v = 200, 200
# shape: du = 200, 200
# shape: dv = 200, 200
# slider: feed 0.01 0.09 0.037
# slider: kill 0.04 0.07 0.06
# slider: rounds 1 16 8
# animate: yes


def init(u: "float32[:, ::1]", v: "float32[:, ::1]") -> None:
    u[:, :] = 1.0
    height, width = u.shape
    for k in range(24):
        y, x = (k * 83 + 17) % (height - 20), (k * 47 + 31) % (width - 20)
        u[y : y + 8, x : x + 8] = 0.5
        v[y : y + 8, x : x + 8] = 0.25


def frame(
    image: "uint8[:, :, ::1]", u: "float32[:, ::1]", v: "float32[:, ::1]", du: "float32[:, ::1]", dv: "float32[:, ::1]",
    feed: float, kill: float, rounds: int, mouse_x: float, mouse_y: float, mouse_down: bool,
) -> None:
    height, width = u.shape
    if mouse_down:
        y, x = max(1, min(int(mouse_y), height - 8)), max(1, min(int(mouse_x), width - 8))
        v[y : y + 6, x : x + 6] = 0.5
    for _ in range(rounds):
        du[1:-1, 1:-1] = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4.0 * u[1:-1, 1:-1]
        dv[1:-1, 1:-1] = v[:-2, 1:-1] + v[2:, 1:-1] + v[1:-1, :-2] + v[1:-1, 2:] - 4.0 * v[1:-1, 1:-1]
        for y in range(height):
            for x in range(width):
                a, b = u[y, x], v[y, x]
                reaction = a * b * b
                u[y, x] = a + 0.2 * du[y, x] - reaction + feed * (1.0 - a)
                v[y, x] = b + 0.1 * dv[y, x] + reaction - (feed + kill) * b
    for y in range(height):
        for x in range(width):
            shade = min(max(float(v[y, x]) * 3.0, 0.0), 1.0)
            image[y, x, 0] = int(20.0 + 235.0 * shade)
            image[y, x, 1] = int(24.0 + 180.0 * shade * shade)
            image[y, x, 2] = int(60.0 + 120.0 * (1.0 - shade))
            image[y, x, 3] = 255
