#include <cstdint>
#include <memory>
#include <span>

struct Node {
    std::int32_t value;
    std::unique_ptr<Node> next;
};

std::uint32_t position_of(std::span<const std::int32_t> values, std::int32_t wanted) {
    std::unique_ptr<Node> head;
    for (auto it = values.rbegin(); it != values.rend(); ++it)
        head = std::make_unique<Node>(Node{*it, std::move(head)});

    std::uint32_t position = 0;
    const Node *node = head.get();
    while (node->value != wanted) {
        node = node->next.get();
        ++position;
    }
    return position;
}
