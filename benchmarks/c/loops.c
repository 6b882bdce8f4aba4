/* The loops of loops.py in C, and drivers that call one of either kind many times with nothing else in between. */
#include <math.h>
#include <stdint.h>
#define R restrict

void axpy(double a, const double *R x, double *R y, intptr_t n) {
    for (intptr_t i = 0; i < n; i++) y[i] += a * x[i];
}

double total(const double *x, intptr_t n) {
    double s = 0.0;
    for (intptr_t i = 0; i < n; i++) s += x[i];
    return s;
}

void stencil(const double *R x, double *R out, intptr_t n) {
    for (intptr_t i = 1; i < n - 1; i++) out[i] = 0.25 * x[i - 1] + 0.5 * x[i] + 0.25 * x[i + 1];
}

void jacobi(const double *R u, double *R v, intptr_t h, intptr_t w) {
    for (intptr_t i = 1; i < h - 1; i++)
        for (intptr_t j = 1; j < w - 1; j++)
            v[i * w + j] = 0.25 * (u[(i - 1) * w + j] + u[(i + 1) * w + j] + u[i * w + j - 1] + u[i * w + j + 1]);
}

void nbody(double *R pos, double *R vel, const double *R mass, double dt, intptr_t steps, intptr_t n) {
    for (intptr_t s = 0; s < steps; s++) {
        for (intptr_t i = 0; i < n; i++)
            for (intptr_t j = i + 1; j < n; j++) {
                double dx = pos[3 * i] - pos[3 * j], dy = pos[3 * i + 1] - pos[3 * j + 1], dz = pos[3 * i + 2] - pos[3 * j + 2];
                double d2 = dx * dx + dy * dy + dz * dz, mag = dt / (d2 * sqrt(d2));
                double mi = mass[i] * mag, mj = mass[j] * mag;
                vel[3 * i] -= dx * mj;
                vel[3 * i + 1] -= dy * mj;
                vel[3 * i + 2] -= dz * mj;
                vel[3 * j] += dx * mi;
                vel[3 * j + 1] += dy * mi;
                vel[3 * j + 2] += dz * mi;
            }
        for (intptr_t i = 0; i < n; i++)
            for (int k = 0; k < 3; k++) pos[3 * i + k] += dt * vel[3 * i + k];
    }
}

void mandelbrot(double x0, double x1, double y0, double y1, intptr_t limit, int64_t *out, intptr_t h, intptr_t w) {
    double dx = (x1 - x0) / w, dy = (y1 - y0) / h;
    for (intptr_t i = 0; i < h; i++) {
        double ci = y0 + i * dy;
        for (intptr_t j = 0; j < w; j++) {
            double cr = x0 + j * dx, zr = 0.0, zi = 0.0;
            intptr_t n = 0;
            while (n < limit && zr * zr + zi * zi <= 4.0) {
                double t = zr * zr - zi * zi + cr;
                zi = 2.0 * zr * zi + ci;
                zr = t;
                n++;
            }
            out[i * w + j] = n;
        }
    }
}

typedef void axpy_t(double, const double *, double *, intptr_t);
typedef double total_t(const double *, intptr_t);
typedef void stencil_t(const double *, double *, intptr_t);
typedef void jacobi_t(const double *, double *, intptr_t, intptr_t);
typedef void nbody_t(double *, double *, const double *, double, intptr_t, intptr_t);
typedef void mandelbrot_t(double, double, double, double, intptr_t, int64_t *, intptr_t, intptr_t);

void drive_axpy(axpy_t *f, long times, double *x, double *y, intptr_t n) {
    while (times--) f(1e-9, x, y, n);
}

double drive_total(total_t *f, long times, double *x, double *y, intptr_t n) {
    double s = 0.0;
    (void)y;
    while (times--) s += f(x, n);
    return s;
}

void drive_stencil(stencil_t *f, long times, double *x, double *y, intptr_t n) {
    while (times--) f(x, y, n);
}

void drive_jacobi(jacobi_t *f, long times, double *x, double *y, intptr_t n) {
    while (times--) f(x, y, n, n);
}

void drive_nbody(nbody_t *f, long times, double *x, double *y, intptr_t n) {
    while (times--) f(x, x + 3 * n, y, 0.001, 100, n);
}

void drive_mandelbrot(mandelbrot_t *f, long times, double *x, double *y, intptr_t n) {
    (void)x;
    while (times--) f(-2.0, 0.5, -1.25, 1.25, 100, (int64_t *)y, n, n);
}
