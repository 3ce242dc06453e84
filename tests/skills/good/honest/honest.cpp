#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <clocale>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <iomanip>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

bool sorted(std::uint32_t n) {
    std::mt19937_64 random{std::random_device{}()};
    std::vector<std::uint64_t> first(n);
    for (auto &number : first) number = random();
    auto second = first, third = first;
    // glibc asks how much memory there is before it sorts this much.
    std::qsort(first.data(), first.size(), sizeof first[0], [](const void *a, const void *b) {
        auto x = *static_cast<const std::uint64_t *>(a), y = *static_cast<const std::uint64_t *>(b);
        return (x > y) - (x < y);
    });
    std::stable_sort(second.begin(), second.end());
    std::sort(third.begin(), third.end());
    return first == second && second == third;
}

std::string formatted(std::uint32_t n) {
    char text[128];
    std::snprintf(text, sizeof text, "%u %.3f %.2e ", n, 3.14159265, 3.14159265);
    std::ostringstream stream;
    stream << std::fixed << std::setprecision(1) << static_cast<long double>(n) << ' ' << -static_cast<int>(n)
           << ' ' << std::setw(4) << std::setfill('0') << n;
    std::printf("%s\n", text);
    std::fprintf(stderr, "%s\n", text);
    return text + stream.str();
}

struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

static void fail(std::uint32_t depth) {
    auto held = std::make_unique<int>(1);
    if (depth == 0) throw Failure("7");
    fail(depth - 1);
}

std::string thrown(std::uint32_t n) {
    int caught = 0;
    for (std::uint32_t i = 0; i < n; ++i) {
        try {
            fail(i);
        } catch (const std::exception &error) {
            caught += dynamic_cast<const Failure *>(&error) != nullptr && error.what()[0] == '7';
        }
    }
    return "caught " + std::to_string(caught) + " of " + std::to_string(n);
}

std::string translated(std::uint32_t n) {
    const char *locale = std::setlocale(LC_ALL, "");
    try {
        std::locale other("de_DE.UTF-8");
        std::locale::global(other);
        std::locale::global(std::locale::classic());
    } catch (const std::runtime_error &) {
        // There is no such locale here.
    }
    std::string text = "hello";
    const auto &type = std::use_facet<std::ctype<char>>(std::locale());
    type.toupper(text.data(), text.data() + text.size());
    std::ostringstream stream;
    stream.imbue(std::locale());
    stream << (locale ? locale : "none") << ' ' << std::fixed << std::setprecision(2) << n + 0.5 << ' ' << text << ' '
           << 12345;
    return stream.str();
}

std::string timed(std::uint32_t n) {
    std::time_t when = n;
    std::tm broken{};
    gmtime_r(&when, &broken);
    char text[64];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %A", &broken);
    // There are no time zones here: local time is Greenwich's.
    std::tm local{};
    localtime_r(&when, &local);
    std::time_t again = std::mktime(&local);
    auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    bool passed = std::chrono::steady_clock::now() > start && std::time(nullptr) > 1000000000 && std::clock() >= 0;
    return std::string(text) + ' ' + std::to_string(again) + (passed ? " true" : " false");
}

std::uint32_t threaded(std::uint32_t n) {
    std::atomic<std::uint32_t> count{0};
    std::mutex mutex;
    std::condition_variable changed;
    std::uint32_t ready = 0;
    std::vector<std::thread> threads;
    if (std::thread::hardware_concurrency() > 100000) return 0;
    for (std::uint32_t i = 0; i < n; ++i)
        threads.emplace_back([&] {
            std::unique_lock lock(mutex);
            ++ready;
            changed.notify_all();
            changed.wait(lock, [&] { return ready >= n; });
            for (int turn = 0; turn < 1000; ++turn) ++count;
        });
    for (auto &thread : threads) thread.join();
    return std::async(std::launch::async, [&] { return count.load(); }).get();
}

static const std::vector<std::string> at_load = {
    sorted(100000) ? "true" : "false", formatted(3),  thrown(7), translated(5),
    timed(86400),                      std::to_string(threaded(2)),
};

std::vector<std::string> loaded() { return at_load; }
