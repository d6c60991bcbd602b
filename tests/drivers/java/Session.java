// MySQL Connector/J, once with prepared statements of the server (binary protocol) and once with its own (text).
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.Objects;

public final class Session {
    private static final String TABLE = System.getenv("DRIVER_TABLE");
    private static final String INSERT =
        "INSERT INTO " + TABLE + "(id, name, amount, price, made, body) VALUES (?, ?, ?, ?, ?, ?)";
    private static final String TEXT = "na\u00efve \u2013 \u6f22\u5b57 \u2013 \ud83d\ude00";
    private static final Timestamp MADE = Timestamp.valueOf("2024-02-29 12:34:56.789012");

    private final Connection connection;

    private Session(Connection connection) {
        this.connection = connection;
    }

    private static Connection open(boolean serverSide) throws SQLException {
        String address = System.getenv("DRIVER_HOST") + ":" + System.getenv("DRIVER_PORT");
        return DriverManager.getConnection("jdbc:mysql://" + address + "/" + System.getenv("DRIVER_DATABASE")
            + "?user=" + System.getenv("DRIVER_USER") + "&useServerPrepStmts=" + serverSide + "&cachePrepStmts=true");
    }

    private static void expect(String what, Object got, Object want) {
        if (!Objects.equals(got, want)) throw new IllegalStateException(what + ": got " + got + ", want " + want);
    }

    private int run(String sql, Object... arguments) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) statement.setObject(i + 1, arguments[i]);
            return statement.executeUpdate();
        }
    }

    private void text(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String read(String sql, Object... arguments) throws SQLException {
        StringBuilder found = new StringBuilder();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.length; i++) statement.setObject(i + 1, arguments[i]);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        found.append(i > 1 ? "|" : "").append(rows.getString(i));
                    }
                    found.append(';');
                }
            }
        }
        return found.toString();
    }

    private static Object[] values(int id) {
        return new Object[] {id, "row " + id, new BigDecimal("1.25").multiply(BigDecimal.valueOf(id)), id / 8.0, MADE, null};
    }

    private void expectCount(int want) throws SQLException {
        expect("rows", read("SELECT COUNT(*) FROM " + TABLE), want + ";");
    }

    private void rows() throws SQLException {
        text("CREATE TABLE " + TABLE + "(id BIGINT NOT NULL PRIMARY KEY, name VARCHAR(200) CHARACTER SET utf8mb4, "
            + "amount DECIMAL(20,4), price DOUBLE, made DATETIME(6), body LONGBLOB)");
        if ("1".equals(System.getenv("DRIVER_VSCHEMA"))) {
            text("ALTER VSCHEMA ON " + TABLE + " ADD VINDEX hash(id) USING hash");
        }
        for (int id = 1; id <= 16; id++) expect("rows inserted", run(INSERT, values(id)), 1);
        expect("one row", read("SELECT id, name, amount, price, made, body FROM " + TABLE + " WHERE id = ?", 7),
            "7|row 7|8.7500|0.875|2024-02-29 12:34:56.789012|null;");
        expect("rows updated", run("UPDATE " + TABLE + " SET amount = amount + 1 WHERE id = ?", 3), 1);
        expect("the updated row", read("SELECT amount FROM " + TABLE + " WHERE id = 3"), "4.7500;");
        expect("rows deleted", run("DELETE FROM " + TABLE + " WHERE id = ?", 16), 1);
        expectCount(15);
        expect("rows of IN", read("SELECT id FROM " + TABLE + " WHERE id IN (?, ?, ?, ?) ORDER BY id", 1, 5, 9, 99), "1;5;9;");
        try {
            run(INSERT, values(1));
            throw new IllegalStateException("a duplicate key was accepted");
        } catch (SQLException refused) {
            expect("the error of a duplicate key", refused.getErrorCode() + " " + refused.getSQLState(), "1062 23000");
        }
    }

    private void transactions() throws SQLException {
        connection.setAutoCommit(false);
        for (int id = 17; id <= 18; id++) run(INSERT, values(id));
        connection.commit();
        for (int id = 19; id <= 20; id++) run(INSERT, values(id));
        connection.rollback();
        expectCount(17);
        run(INSERT, values(21));
        Savepoint savepoint = connection.setSavepoint("a");
        run(INSERT, values(22));
        connection.rollback(savepoint);
        run(INSERT, values(23));
        connection.releaseSavepoint(savepoint);
        connection.commit();
        connection.setAutoCommit(true);
        expectCount(19);
    }

    private void textsAndBlobs(int id) throws SQLException {
        byte[] blob = new byte[1 << 20];
        for (int i = 0; i < blob.length; i++) blob[i] = (byte) i;
        run(INSERT, id, TEXT, null, null, null, blob);
        try (PreparedStatement statement = connection.prepareStatement("SELECT name, body FROM " + TABLE + " WHERE id = ?")) {
            statement.setInt(1, id);
            try (ResultSet rows = statement.executeQuery()) {
                expect("a row", rows.next(), true);
                expect("text of utf8mb4", new String(rows.getBytes(1), StandardCharsets.UTF_8), TEXT);
                expect("the blob is whole", Arrays.equals(rows.getBytes(2), blob), true);
            }
        }
        expect("a text in WHERE", read("SELECT id FROM " + TABLE + " WHERE id = ? AND name = ?", id, TEXT), id + ";");
        for (int i = 1; i <= 10; i++) expect("a row", read("SELECT name FROM " + TABLE + " WHERE id = ?", i), "row " + i + ";");
    }

    public static void main(String[] words) throws SQLException {
        try (Connection binary = open(true); Connection text = open(false)) {
            Session session = new Session(binary);
            session.rows();
            session.transactions();
            session.textsAndBlobs(24);
            new Session(text).textsAndBlobs(25);
            session.expectCount(21);
        }
    }
}
