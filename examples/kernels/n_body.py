"""Bodies that attract each other; the number below is the total energy, which should hardly change."""
# title: n-body
# shape: image = 300, 400, 4
# shape: bodies = 60, 5
# slider: gravity 0.0 3.0 1.0
# slider: rounds 1 20 6
# animate: yes
import math


def init(bodies: "float64[:, ::1]") -> None:
    for k in range(bodies.shape[0]):
        angle = 2.399963 * k
        radius = 12.0 * math.sqrt(k + 1.0)
        bodies[k, 0] = radius * math.cos(angle)
        bodies[k, 1] = radius * math.sin(angle)
        bodies[k, 2] = -0.07 * bodies[k, 1]
        bodies[k, 3] = 0.07 * bodies[k, 0]
        bodies[k, 4] = 4.0 + k % 7
    bodies[0, 4] = 400.0
    bodies[0, 2] = bodies[0, 3] = 0.0


def frame(image: "uint8[:, :, ::1]", bodies: "float64[:, ::1]", gravity: float, rounds: int) -> float:
    count = bodies.shape[0]
    height, width = image.shape[0], image.shape[1]
    dt = 0.02
    energy = 0.0
    for _ in range(rounds):
        energy = 0.0
        for i in range(count):
            ax = ay = 0.0
            for j in range(count):
                dx, dy = bodies[j, 0] - bodies[i, 0], bodies[j, 1] - bodies[i, 1]
                distance2 = dx * dx + dy * dy + 9.0
                pull = gravity * bodies[j, 4] / (distance2 * math.sqrt(distance2))
                ax += dx * pull
                ay += dy * pull
                if j < i:
                    energy -= gravity * bodies[i, 4] * bodies[j, 4] / math.sqrt(distance2)
            bodies[i, 2] += ax * dt
            bodies[i, 3] += ay * dt
            energy += 0.5 * bodies[i, 4] * (bodies[i, 2] * bodies[i, 2] + bodies[i, 3] * bodies[i, 3])
        for i in range(count):
            bodies[i, 0] += bodies[i, 2] * dt
            bodies[i, 1] += bodies[i, 3] * dt
    for y in range(height):
        for x in range(width):
            image[y, x, 3] = 255
            for c in range(3):
                image[y, x, c] = image[y, x, c] * 15 // 16
    for k in range(count):
        x, y = int(bodies[k, 0] + width / 2), int(bodies[k, 1] + height / 2)
        size = 4 if k == 0 else 1
        for j in range(max(0, y - size), min(height, y + size + 1)):
            for i in range(max(0, x - size), min(width, x + size + 1)):
                image[j, i, 0] = 255
                image[j, i, 1] = 230 - 2 * k
                image[j, i, 2] = 90 + 2 * k
    return energy
