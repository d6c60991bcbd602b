# Warnings and instrumentation of our own code. Everything is chosen by a preset (CMakePresets.json).
option(SLUICE_FUZZ "Build the libFuzzer targets" OFF)
option(SLUICE_BENCH "Build the google-benchmark targets" OFF)
set(SLUICE_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=")

add_library(sluice_options INTERFACE)
target_compile_options(sluice_options INTERFACE
    -Wall -Wextra -Wshadow -Wconversion -Werror
    # Options are named at the call (style rule 7); what is not named has its default.
    -Wno-missing-designated-field-initializers
    -fno-omit-frame-pointer -mno-omit-leaf-frame-pointer)
# A gateway is started on the machine it was built for or a later one; CRC and AES come by run-time choice in OpenSSL.
if(SLUICE_SANITIZE)
    add_compile_options(-fsanitize=${SLUICE_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${SLUICE_SANITIZE})
endif()
if(SLUICE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_link_options(-fuse-ld=lld)
