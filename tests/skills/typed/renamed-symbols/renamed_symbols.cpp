#include <algorithm>
#include <optional>
#include <vector>

struct SensorData {
    unsigned short sensorId = 0;
    float degrees = 0.0f;
};

enum class TemperatureLevel : char { kLow, kHigh };

std::optional<long> select_kth(std::vector<long> values, unsigned k) {
    if (k == 0 || k > values.size()) return std::nullopt;
    std::nth_element(values.begin(), values.begin() + (k - 1), values.end());
    return values[k - 1];
}

SensorData Mean(const std::vector<SensorData>& readings) {
    SensorData mean;
    for (const SensorData& r : readings) {
        mean.sensorId = std::max(mean.sensorId, r.sensorId);
        mean.degrees += r.degrees / readings.size();
    }
    return mean;
}

TemperatureLevel level_of(SensorData one) {
    return one.degrees > 30 ? TemperatureLevel::kHigh : TemperatureLevel::kLow;
}
