import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes lines to the word count and follows its counts: the topology in topologies/wordcount.py, from Java. */
public final class WordCounts {
    private static final String INPUT = "lines";
    private static final String OUTPUT = "counts";

    public static void main(String[] arguments) throws Exception {
        String task = arguments.length == 2 ? arguments[0] : "";
        switch (task) {
            case "feed" -> feed(arguments[1]);
            case "follow" -> follow(arguments[1]);
            default -> {
                System.err.println("usage: java WordCounts.java feed|follow HOST:PORT");
                System.exit(2);
            }
        }
    }

    /** Write each line of the standard input as a record, and return once Kafka has them all. */
    private static void feed(String servers) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", servers);
        settings.put("compression.type", "lz4");
        List<Future<RecordMetadata>> written = new ArrayList<>();
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                // Lines have no key, so they go to any partition. A key, where there is one, is UTF-8, and
                // Java's own partitioner sends it to the partition that Catenae would.
                var record = new ProducerRecord<String, String>(INPUT, line);
                // Without it a line such as 42 would be taken for JSON.
                record.headers().add("content-type", "text/plain; charset=utf-8".getBytes(StandardCharsets.UTF_8));
                written.add(producer.send(record));
            }
            for (Future<RecordMetadata> each : written) {
                each.get();
            }
        }
    }

    /** Print each count as it is written, until interrupted: JSON, as the topology's `formats` say. */
    private static void follow(String servers) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", servers);
        settings.put("group.id", "java-" + UUID.randomUUID());
        settings.put("auto.offset.reset", "earliest");
        // What a batch that was given up had written is on the topic, and is not to be seen.
        settings.put("isolation.level", "read_committed");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(OUTPUT));
            while (true) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofSeconds(1))) {
                    System.out.println(record.value());
                }
            }
        }
    }
}
