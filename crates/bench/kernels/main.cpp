// The same kernels as a program: reads "NAME SIZE" lines, answers with seconds and the result.
#include "kernels.cpp"

#include <chrono>
#include <cstdio>
#include <cstring>

int main() {
    const struct {
        const char *name;
        double (*run)(std::uint32_t);
    } kernels[] = {{"matrix-product", matrix_product}, {"n-bodies", n_bodies},
                   {"mandelbrot", mandelbrot},         {"spectral-norm", spectral_norm},
                   {"fourier", fourier},               {"sorted-median", sorted_median}};
    char name[64];
    unsigned size;
    while (std::scanf("%63s %u", name, &size) == 2)
        for (const auto &kernel : kernels)
            if (std::strcmp(kernel.name, name) == 0) {
                const auto start = std::chrono::steady_clock::now();
                const double result = kernel.run(size);
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
                std::printf("%.9f %.17g\n", took.count(), result);
                std::fflush(stdout);
            }
}
