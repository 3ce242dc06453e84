// The C++ glue, continued: sequences, sets and maps as lists, in parameters and results.

namespace __saggar __attribute__((__visibility__("hidden"))) {

template <typename _T, typename = void> inline constexpr bool _reserves = false;
template <typename _T>
inline constexpr bool _reserves<_T, decltype(void(_value<_T &>().reserve(_Size())))> = true;

template <typename _T, typename _X, typename = void> inline constexpr bool _from_range = false;
template <typename _T, typename _X>
inline constexpr bool
    _from_range<_T, _X, decltype(void(_T(_value<const _X *>(), _value<const _X *>())))> = true;

// std::vector, std::deque, std::list, and what else has push_back
template <typename _Tag, typename _T>
struct _In<_List<_Tag>, _T,
           decltype(_value<_T &>().push_back(_value<typename _T::value_type>()), void(_T()))> {
    using _X = typename _T::value_type;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        if constexpr (_is_scalar<_Tag, _X> && _from_range<_T, _X>) {
            const _X *_begin = reinterpret_cast<const _X *>(_s._data);
            return _T(_begin, _begin + _s._count);
        } else {
            _Size _from = static_cast<_Size>(_s._data - _block);
            _T _made = _T();
            if constexpr (_reserves<_T>) _made.reserve(_s._count);
            for (_Size _i = 0; _i < _s._count; ++_i)
                _made.push_back(_In<_Tag, _X>::_get(_keep, _block, _from + _i * _Tag::_size));
            return _made;
        }
    }
};

template <typename _T, typename = void> inline constexpr bool _grows = false;
template <typename _T>
inline constexpr bool
    _grows<_T, decltype(void(_value<_T &>().push_back(_value<typename _T::value_type>())))> = true;

// std::span of a length that is not fixed
template <typename _Tag, typename _T>
struct _In<_List<_Tag>, _T,
           _If<!_grows<_T> && sizeof(_T(_value<_Item<_T> *>(), _Size())) != 0 &&
               sizeof(_T{}) != 0>> {
    using _X = _Bare<_Item<_T>>;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        if constexpr (_is_scalar<_Tag, _X>) {
            return _T(reinterpret_cast<_Item<_T> *>(const_cast<_Byte *>(_s._data)), _s._count);
        } else {
            _Size _from = static_cast<_Size>(_s._data - _block);
            return _T(_keep._array<_X>(_s._count,
                                       [&](_Size _i) {
                                           return _In<_Tag, _X>::_get(_keep, _block,
                                                                      _from + _i * _Tag::_size);
                                       }),
                      _s._count);
        }
    }
};

template <typename _T, typename = void> inline constexpr bool _assigns = false;
template <typename _T>
inline constexpr bool _assigns<
    _T, decltype(void(_value<_T &>().insert_or_assign(_value<const typename _T::key_type &>(),
                                                      _value<typename _T::mapped_type>())))> = true;

// std::set, std::map and their kin; of two values for one key the last counts.
template <typename _Tag, typename _T>
struct _In<_List<_Tag>, _T,
           decltype(_value<_T &>().insert(_value<typename _T::value_type>()),
                    void(sizeof(typename _T::key_type)), void(_T()))> {
    using _X = typename _T::value_type;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        _Size _from = static_cast<_Size>(_s._data - _block);
        _T _made = _T();
        for (_Size _i = 0; _i < _s._count; ++_i) {
            _X _x = _In<_Tag, _X>::_get(_keep, _block, _from + _i * _Tag::_size);
            if constexpr (_assigns<_T>)
                _made.insert_or_assign(_x.first,
                                       static_cast<typename _T::mapped_type &&>(_x.second));
            else
                _made.insert(static_cast<_X &&>(_x));
        }
        return _made;
    }
};

// std::array
template <typename _Tag, template <typename, _Size> class _V, typename _X, _Size _N>
struct _In<_List<_Tag>, _V<_X, _N>, _If<_is_array<_V<_X, _N>, _X, _N>>> {
    using _T = _V<_X, _N>;
    static constexpr unsigned _blame = _In<_Tag, _X>::_blame;
    static _T _get(_Keep &_keep, const _Byte *_block, _Size _at) {
        _Span _s = _span_at(_block, _at);
        if (_s._count != _N)
            throw _Fault("the source takes a list of exactly ")
                ._number(_N, 10)
                ._add(" elements, not of ")
                ._number(_s._count, 10);
        _Size _from = static_cast<_Size>(_s._data - _block);
        _T _made = _T();
        for (_Size _i = 0; _i < _N; ++_i)
            _made[_i] = _In<_Tag, _X>::_get(_keep, _block, _from + _i * _Tag::_size);
        return _made;
    }
};

template <typename _T, typename _X, typename = void> inline constexpr bool _contiguous = false;
template <typename _T, typename _X>
inline constexpr bool
    _contiguous<_T, _X, _If<_same<_Bare<_Item<const _T>>, _X>>> = true;

template <typename _Tag, typename _T>
struct _Out<_List<_Tag>, _T,
            decltype(_value<const _T &>().begin(), _value<const _T &>().end(),
                     void(_value<const _T &>().size()))> {
    using _X = _Bare<typename _T::value_type>;
    static constexpr unsigned _blame = _Out<_Tag, _X>::_blame;
    static void _put(_Sink &_sink, _Size _at, const _T &_v) {
        const _Size _n = static_cast<_Size>(_v.size());
        if constexpr (_is_scalar<_Tag, _X> && _contiguous<_T, _X>) {
            _sink._bytes(_at, _v.data(), _n, _Tag::_size, _Tag::_align);
        } else {
            _Size _start = _sink._take(_n, _Tag::_size, _Tag::_align);
            if (_sink._full) return;
            _sink._pair(_at, _start, _n);
            _Size _i = 0;
            for (auto _it = _v.begin(); _it != _v.end() && _i < _n && !_sink._full; ++_it, ++_i)
                _Out<_Tag, _X>::_put(_sink, _start + _i * _Tag::_size, *_it);
            if (!_sink._full) _sink._clear(_start + _i * _Tag::_size, (_n - _i) * _Tag::_size);
        }
    }
};

// ---- The usual forms, which tell overloads apart ----

template <typename _Set> struct _Vectors { using _Type = _Forms<>; };
#ifdef _STL_VECTOR_H
template <typename... _X> struct _Vectors<_Forms<_X...>> {
    using _Type = _Forms<::std::vector<_X>...>;
};
#endif
template <typename _Tag> struct _Usual<_List<_Tag>> : _Vectors<typename _Usual<_Tag>::_Type> {};
#ifdef _BASIC_STRING_H
template <>
struct _Usual<_List<_Char>>
    : _Join<typename _Vectors<typename _Usual<_Char>::_Type>::_Type, _Forms<::std::u32string>> {};
#endif

template <typename _Set> struct _Spans { using _Type = _Forms<>; };
#ifdef _GLIBCXX_SPAN
#ifdef __cpp_lib_span
template <typename... _X> struct _Spans<_Forms<_X...>> {
    using _Type = _Forms<::std::span<const _X>..., ::std::span<_X>...>;
};
#endif
#endif

template <typename _Tag>
struct _Guesses<_List<_Tag>>
    : _Join<typename _Passed<typename _Usual<_List<_Tag>>::_Type>::_Type,
            typename _Spans<typename _Usual<_Tag>::_Type>::_Type> {};

}  // namespace __saggar
