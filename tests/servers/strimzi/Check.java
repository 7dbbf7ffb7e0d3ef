import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.strimzi.api.kafka.model.common.UnknownPropertyPreserving;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Map;
import java.util.Scanner;

/** Reads resources by Strimzi's own classes, a JSON document a line; prints a line for what these do not know. */
public final class Check {
    private static final Map<String, Class<?>> KINDS =
        Map.of("Kafka", Kafka.class, "KafkaNodePool", KafkaNodePool.class, "KafkaUser", KafkaUser.class);

    public static void main(String[] arguments) throws Exception {
        ObjectMapper mapper = new ObjectMapper();
        Scanner lines = new Scanner(System.in, "UTF-8");
        while (lines.hasNextLine()) {
            JsonNode given = mapper.readTree(lines.nextLine());
            Class<?> kind = KINDS.get(given.get("kind").asText());
            String name = given.at("/metadata/name").asText();
            List<?> versions = (List<?>) kind.getField("VERSIONS").get(null);
            if (!versions.contains(given.get("apiVersion").asText().replace("kafka.strimzi.io/", ""))) {
                System.out.println(name + ": apiVersion");
            }
            look(name, mapper.treeToValue(given, kind));
        }
    }

    private static void look(String path, Object value) throws Exception {
        if (value instanceof Iterable<?> every) {
            for (Object each : every) {
                look(path, each);
            }
        } else if (value instanceof UnknownPropertyPreserving read) {
            read.getAdditionalProperties().keySet().forEach(name -> System.out.println(path + ": " + name));
            for (Method method : value.getClass().getMethods()) {
                if (isGetter(method)) {
                    look(path + "." + method.getName().substring("get".length()), method.invoke(value));
                }
            }
        }
    }

    private static boolean isGetter(Method method) {
        boolean isPlain = method.getParameterCount() == 0 && !Modifier.isStatic(method.getModifiers());
        return isPlain && method.getName().startsWith("get") && !method.getName().equals("getAdditionalProperties");
    }
}
