"""Rays through every pixel meet spheres above a chessboard."""
# title: Ray casting
# shape: image = 240, 320, 4
# slider: bounce 0.0 2.0 1.0
# slider: light -3.0 3.0 1.5
# animate: yes
import math


def hit(ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, cx: float, cy: float, cz: float, r: float) -> float:
    """The distance along a ray to a sphere; 0 if it misses."""
    x, y, z = ox - cx, oy - cy, oz - cz
    b = x * dx + y * dy + z * dz
    inside = b * b - (x * x + y * y + z * z - r * r)
    if inside < 0.0:
        return 0.0
    distance = -b - math.sqrt(inside)
    return distance if distance > 1e-4 else 0.0


def shade(image: "uint8[:, :, ::1]", y: int, x: int, r: float, g: float, b: float) -> None:
    image[y, x, 0] = int(255.0 * min(max(r, 0.0), 1.0))
    image[y, x, 1] = int(255.0 * min(max(g, 0.0), 1.0))
    image[y, x, 2] = int(255.0 * min(max(b, 0.0), 1.0))
    image[y, x, 3] = 255


# gelcap: export frame(uint8[:, :, ::1], float, float, float)
def frame(image, t, bounce, light):
    height, width = image.shape[0], image.shape[1]
    norm = math.sqrt(light * light + 5.0)
    lx, ly, lz = light / norm, 2.0 / norm, -1.0 / norm
    for row in range(height):
        for column in range(width):
            dx, dy, dz = (column - width / 2) / width, (height / 2 - row) / width, 0.8
            length = math.sqrt(dx * dx + dy * dy + dz * dz)
            dx, dy, dz = dx / length, dy / length, dz / length
            nearest, which = 1e9, -1
            for k in range(3):
                cy = 0.7 + bounce * abs(math.sin(t * 2.0 + k))
                distance = hit(0.0, 1.2, -3.0, dx, dy, dz, 1.5 * (k - 1), cy, 1.0 + 0.5 * k, 0.7)
                if 0.0 < distance < nearest:
                    nearest, which = distance, k
            if which >= 0:
                cy = 0.7 + bounce * abs(math.sin(t * 2.0 + which))
                px, py, pz = nearest * dx, 1.2 + nearest * dy, -3.0 + nearest * dz
                nx, ny, nz = (px - 1.5 * (which - 1)) / 0.7, (py - cy) / 0.7, (pz - 1.0 - 0.5 * which) / 0.7
                lit = max(0.0, nx * lx + ny * ly + nz * lz)
                shine = max(0.0, 2.0 * lit * nz - lz) ** 8 if lit > 0.0 else 0.0
                shade(image, row, column, 0.15 + lit * (0.9 - 0.3 * which) + shine, 0.15 + 0.5 * lit + shine, 0.2 + lit * 0.4 * which)
            elif dy < 0.0:
                far = -1.2 / dy
                fx, fz = far * dx, -3.0 + far * dz
                board = 0.75 if (math.floor(fx) + math.floor(fz)) % 2 == 0 else 0.3
                for k in range(3):
                    cy = 0.7 + bounce * abs(math.sin(t * 2.0 + k))
                    if hit(fx, 0.0, fz, lx, ly, lz, 1.5 * (k - 1), cy, 1.0 + 0.5 * k, 0.7) > 0.0:
                        board *= 0.4
                fog = 1.0 / (1.0 + 0.01 * far * far)
                shade(image, row, column, board * fog + 0.6 * (1.0 - fog), board * fog + 0.7 * (1.0 - fog), board * fog + 0.9 * (1.0 - fog))
            else:
                shade(image, row, column, 0.6 - 0.6 * dy, 0.7 - 0.5 * dy, 0.9)
