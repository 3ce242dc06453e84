#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

enum class StockState { InStock, Low, SoldOut };

struct Dimensions {
    uint16_t width = 0;
    uint16_t height = 0;
};

struct Product {
    std::string sku;
    std::optional<Dimensions> size;
    std::vector<std::string> tags;
    StockState state = StockState::InStock;
};

struct Warehouse {
    std::string city;
    std::vector<std::pair<Product, uint32_t>> shelves;
};

uint64_t total(const std::vector<Warehouse>& warehouses) {
    uint64_t sum = 0;
    for (const auto& house : warehouses)
        for (const auto& [product, count] : house.shelves) sum += count;
    return sum;
}

std::optional<Product> find_sku(const std::vector<Warehouse>& warehouses, const std::string& sku) {
    for (const auto& house : warehouses)
        for (const auto& shelf : house.shelves)
            if (shelf.first.sku == sku) return shelf.first;
    return std::nullopt;
}

// Fewer than five are few.
static StockState state_of(uint32_t left) {
    if (left == 0) return StockState::SoldOut;
    return left < 5 ? StockState::Low : StockState::InStock;
}

Warehouse take(Warehouse from_house, std::string_view sku, uint32_t count) {
    for (auto& [product, left] : from_house.shelves) {
        if (product.sku != sku) continue;
        if (left < count)
            throw std::runtime_error("only " + std::to_string(left) + " of " + product.sku + " in " +
                                     from_house.city);
        left -= count;
        product.state = state_of(left);
        return from_house;
    }
    throw std::runtime_error("no " + std::string(sku) + " in " + from_house.city);
}

std::vector<std::vector<std::string>> tags(const Warehouse& house) {
    std::vector<std::vector<std::string>> all;
    for (const auto& shelf : house.shelves) all.push_back(shelf.first.tags);
    return all;
}
