# One precompiled header for every test binary (room.cmake reuses it): gtest costs a second of each test file.
file(WRITE ${CMAKE_BINARY_DIR}/gtest_header.cc.in "// Compiled only for the sake of its precompiled header.\n")
configure_file(${CMAKE_BINARY_DIR}/gtest_header.cc.in ${CMAKE_BINARY_DIR}/gtest_header.cc COPYONLY)
add_library(gtest_header OBJECT ${CMAKE_BINARY_DIR}/gtest_header.cc)
target_link_libraries(gtest_header PRIVATE GTest::gtest sluice_options)
target_compile_options(gtest_header PUBLIC -Xclang -fno-pch-timestamp) # else ccache never hits
target_precompile_headers(gtest_header PRIVATE
    <gtest/gtest.h> <map> <memory> <optional> <string> <string_view> <variant> <vector>)
