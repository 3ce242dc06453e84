// Every line forgets the same include.
#include <span>

static long part_1(long x) { return static_cast<long>(std::lround(x / 1.0)); }
static long part_2(long x) { return static_cast<long>(std::lround(x / 2.0)); }
static long part_3(long x) { return static_cast<long>(std::lround(x / 3.0)); }
static long part_4(long x) { return static_cast<long>(std::lround(x / 4.0)); }
static long part_5(long x) { return static_cast<long>(std::lround(x / 5.0)); }
static long part_6(long x) { return static_cast<long>(std::lround(x / 6.0)); }
static long part_7(long x) { return static_cast<long>(std::lround(x / 7.0)); }
static long part_8(long x) { return static_cast<long>(std::lround(x / 8.0)); }
static long part_9(long x) { return static_cast<long>(std::lround(x / 9.0)); }
static long part_10(long x) { return static_cast<long>(std::lround(x / 10.0)); }
static long part_11(long x) { return static_cast<long>(std::lround(x / 11.0)); }
static long part_12(long x) { return static_cast<long>(std::lround(x / 12.0)); }
static long part_13(long x) { return static_cast<long>(std::lround(x / 13.0)); }
static long part_14(long x) { return static_cast<long>(std::lround(x / 14.0)); }
static long part_15(long x) { return static_cast<long>(std::lround(x / 15.0)); }
static long part_16(long x) { return static_cast<long>(std::lround(x / 16.0)); }
static long part_17(long x) { return static_cast<long>(std::lround(x / 17.0)); }
static long part_18(long x) { return static_cast<long>(std::lround(x / 18.0)); }
static long part_19(long x) { return static_cast<long>(std::lround(x / 19.0)); }
static long part_20(long x) { return static_cast<long>(std::lround(x / 20.0)); }
static long part_21(long x) { return static_cast<long>(std::lround(x / 21.0)); }
static long part_22(long x) { return static_cast<long>(std::lround(x / 22.0)); }
static long part_23(long x) { return static_cast<long>(std::lround(x / 23.0)); }
static long part_24(long x) { return static_cast<long>(std::lround(x / 24.0)); }
static long part_25(long x) { return static_cast<long>(std::lround(x / 25.0)); }
static long part_26(long x) { return static_cast<long>(std::lround(x / 26.0)); }
static long part_27(long x) { return static_cast<long>(std::lround(x / 27.0)); }
static long part_28(long x) { return static_cast<long>(std::lround(x / 28.0)); }
static long part_29(long x) { return static_cast<long>(std::lround(x / 29.0)); }
static long part_30(long x) { return static_cast<long>(std::lround(x / 30.0)); }
static long part_31(long x) { return static_cast<long>(std::lround(x / 31.0)); }
static long part_32(long x) { return static_cast<long>(std::lround(x / 32.0)); }
static long part_33(long x) { return static_cast<long>(std::lround(x / 33.0)); }
static long part_34(long x) { return static_cast<long>(std::lround(x / 34.0)); }
static long part_35(long x) { return static_cast<long>(std::lround(x / 35.0)); }
static long part_36(long x) { return static_cast<long>(std::lround(x / 36.0)); }
static long part_37(long x) { return static_cast<long>(std::lround(x / 37.0)); }
static long part_38(long x) { return static_cast<long>(std::lround(x / 38.0)); }
static long part_39(long x) { return static_cast<long>(std::lround(x / 39.0)); }
static long part_40(long x) { return static_cast<long>(std::lround(x / 40.0)); }
static long part_41(long x) { return static_cast<long>(std::lround(x / 41.0)); }
static long part_42(long x) { return static_cast<long>(std::lround(x / 42.0)); }
static long part_43(long x) { return static_cast<long>(std::lround(x / 43.0)); }
static long part_44(long x) { return static_cast<long>(std::lround(x / 44.0)); }
static long part_45(long x) { return static_cast<long>(std::lround(x / 45.0)); }
static long part_46(long x) { return static_cast<long>(std::lround(x / 46.0)); }
static long part_47(long x) { return static_cast<long>(std::lround(x / 47.0)); }
static long part_48(long x) { return static_cast<long>(std::lround(x / 48.0)); }
static long part_49(long x) { return static_cast<long>(std::lround(x / 49.0)); }
static long part_50(long x) { return static_cast<long>(std::lround(x / 50.0)); }
static long part_51(long x) { return static_cast<long>(std::lround(x / 51.0)); }
static long part_52(long x) { return static_cast<long>(std::lround(x / 52.0)); }
static long part_53(long x) { return static_cast<long>(std::lround(x / 53.0)); }
static long part_54(long x) { return static_cast<long>(std::lround(x / 54.0)); }
static long part_55(long x) { return static_cast<long>(std::lround(x / 55.0)); }
static long part_56(long x) { return static_cast<long>(std::lround(x / 56.0)); }
static long part_57(long x) { return static_cast<long>(std::lround(x / 57.0)); }
static long part_58(long x) { return static_cast<long>(std::lround(x / 58.0)); }
static long part_59(long x) { return static_cast<long>(std::lround(x / 59.0)); }
static long part_60(long x) { return static_cast<long>(std::lround(x / 60.0)); }

long total(std::span<const int> xs) {
    long sum = 0;
    for (int x : xs) sum += part_1(x);
    return sum;
}
