// Numeric kernels whose speed as a skill is compared with that of a program built by g++ -O3.
#include <algorithm>
#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

double matrix_product(std::uint32_t n) {
    std::vector<double> a(n * n), b(n * n), c(n * n, 0.0);
    for (std::uint32_t i = 0; i < n * n; ++i) {
        a[i] = 1.0 / (i + 1);
        b[i] = 1.0 / (2 * i + 1);
    }
    for (std::uint32_t i = 0; i < n; ++i)
        for (std::uint32_t k = 0; k < n; ++k)
            for (std::uint32_t j = 0; j < n; ++j) c[i * n + j] += a[i * n + k] * b[k * n + j];
    double trace = 0;
    for (std::uint32_t i = 0; i < n; ++i) trace += c[i * n + i];
    return trace;
}

namespace {
struct Body {
    double x, y, z, vx, vy, vz, mass;
};

double a_of(std::uint32_t i, std::uint32_t j) { return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1); }
}  // namespace

double n_bodies(std::uint32_t steps) {
    std::vector<Body> bodies;
    for (int i = 0; i < 8; ++i) {
        const double t = 0.7 * i;
        bodies.push_back({std::cos(t) * (i + 1), std::sin(t) * (i + 1), 0.1 * i, -std::sin(t),
                          std::cos(t), 0.01 * i, i == 0 ? 40.0 : 0.01});
    }
    for (std::uint32_t step = 0; step < steps; ++step) {
        for (std::size_t i = 0; i < bodies.size(); ++i)
            for (std::size_t j = i + 1; j < bodies.size(); ++j) {
                Body &p = bodies[i], &q = bodies[j];
                const double dx = p.x - q.x, dy = p.y - q.y, dz = p.z - q.z;
                const double d2 = dx * dx + dy * dy + dz * dz + 1e-9;
                const double force = 0.001 / (d2 * std::sqrt(d2));
                p.vx -= dx * q.mass * force, p.vy -= dy * q.mass * force, p.vz -= dz * q.mass * force;
                q.vx += dx * p.mass * force, q.vy += dy * p.mass * force, q.vz += dz * p.mass * force;
            }
        for (Body &b : bodies) b.x += 0.001 * b.vx, b.y += 0.001 * b.vy, b.z += 0.001 * b.vz;
    }
    return bodies[1].x + bodies[2].y + bodies[3].z;
}

double mandelbrot(std::uint32_t n) {
    std::uint64_t inside = 0;
    for (std::uint32_t row = 0; row < n; ++row)
        for (std::uint32_t column = 0; column < n; ++column) {
            const double cr = 3.0 * column / n - 2.0, ci = 2.0 * row / n - 1.0;
            double zr = 0, zi = 0;
            int k = 0;
            for (; k < 100 && zr * zr + zi * zi < 4; ++k) {
                const double t = zr * zr - zi * zi + cr;
                zi = 2 * zr * zi + ci;
                zr = t;
            }
            inside += k == 100;
        }
    return static_cast<double>(inside);
}

double spectral_norm(std::uint32_t n) {
    std::vector<double> u(n, 1.0), v(n), w(n);
    const auto times = [n](const std::vector<double> &in, std::vector<double> &out, bool across) {
        for (std::uint32_t i = 0; i < n; ++i) {
            double sum = 0;
            for (std::uint32_t j = 0; j < n; ++j) sum += (across ? a_of(j, i) : a_of(i, j)) * in[j];
            out[i] = sum;
        }
    };
    for (int round = 0; round < 4; ++round) {
        times(u, w, false), times(w, v, true);
        times(v, w, false), times(w, u, true);
    }
    double uv = 0, vv = 0;
    for (std::uint32_t i = 0; i < n; ++i) uv += u[i] * v[i], vv += v[i] * v[i];
    return std::sqrt(uv / vv);
}

double fourier(std::uint32_t log2) {
    const std::size_t n = std::size_t(1) << log2;
    std::vector<std::complex<double>> data(n);
    for (std::size_t i = 0; i < n; ++i) data[i] = {std::sin(0.1 * i), std::cos(0.3 * i)};
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(data[i], data[j]);
    }
    for (std::size_t length = 2; length <= n; length <<= 1) {
        const std::complex<double> root = std::polar(1.0, -2 * std::numbers::pi / length);
        for (std::size_t i = 0; i < n; i += length) {
            std::complex<double> w(1);
            for (std::size_t j = 0; j < length / 2; ++j) {
                const auto even = data[i + j], odd = data[i + j + length / 2] * w;
                data[i + j] = even + odd;
                data[i + j + length / 2] = even - odd;
                w *= root;
            }
        }
    }
    return std::abs(data[n / 3]);
}

double sorted_median(std::uint32_t n) {
    std::vector<double> values(n);
    std::uint64_t state = 42;
    for (double &value : values) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value = static_cast<double>(state >> 11);
    }
    std::sort(values.begin(), values.end());
    return values[n / 2];
}
