#pragma once
// Where clients come in: each loop accepts on the shared port, and hands each connection to the
// loop with the fewest.
#include <memory>
#include <string>
#include <vector>

#include "async/listener.h"
#include "async/loop.h"
#include "front/mysql_session.h"

namespace sluice::front {

// A loop and its sessions.
struct FrontLoop {
    async::Loop* loop = nullptr;
    FrontCore* core = nullptr;
};

class MysqlListener {
 public:
    // `loops` outlive the listener. Starts to accept on every loop; errors name the address.
    static Result<std::unique_ptr<MysqlListener>> open(const async::ListenOptions& options,
                                                       std::vector<FrontLoop> loops);
    MysqlListener(const MysqlListener&) = delete;
    MysqlListener& operator=(const MysqlListener&) = delete;
    ~MysqlListener();

    std::uint16_t port() const;
    // Stops accepting and closes the port; returns when no loop accepts any more. Sessions go on.
    Task<void> close();

 private:
    struct PerLoop;
    MysqlListener() = default;
    static Task<void> accept_loop(MysqlListener* self, PerLoop* own);
    void place(int descriptor);

    std::vector<FrontLoop> loops_;
    std::vector<std::unique_ptr<PerLoop>> per_loop_;
};

}  // namespace sluice::front
