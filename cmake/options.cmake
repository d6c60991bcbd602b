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
# What the hot path is, as bench/hot_path.py measured it (docs/adr/0027-profile.md). Code that has changed since keeps the
# compiler's guess, without a word: a profile that is a little old is still a good one.
set(SLUICE_PROFILE "" CACHE STRING "use the committed profile, or generate one")
if(SLUICE_PROFILE)
    add_compile_options("SHELL:-mllvm -static-func-full-module-prefix=false") # no folder of this machine in the names
endif()
if(SLUICE_PROFILE STREQUAL "generate")
    add_compile_options(-fprofile-generate -fprofile-update=atomic "SHELL:-mllvm -disable-vp=true")
elseif(SLUICE_PROFILE STREQUAL "use")
    set(profile_text ${CMAKE_SOURCE_DIR}/bench/profile.proftext)
    file(MD5 ${profile_text} digest) # in the name: another profile is another command, so everything is compiled anew
    set(profile ${CMAKE_BINARY_DIR}/${digest}.profdata)
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${profile_text})
    if(NOT EXISTS ${profile})
        execute_process(COMMAND llvm-profdata-19 merge -o ${profile} ${profile_text} COMMAND_ERROR_IS_FATAL ANY)
    endif()
    add_compile_options(-fprofile-use=${profile} -Wno-profile-instr-unprofiled -Wno-profile-instr-out-of-date -Wno-backend-plugin)
endif()
if(SLUICE_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
add_link_options(-fuse-ld=lld)
