import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import software.amazon.event.ruler.Machine;

/** For each line {"pattern": …, "events": [text, …]}: which match; or "invalid". */
public final class Check {
  public static void main(String[] arguments) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode asked = mapper.readTree(line);
      JsonNode pattern = asked.get("pattern");
      Machine machine = new Machine();
      try {
        machine.addRule("rule", pattern.isTextual() ? pattern.asText() : pattern.toString());
      } catch (Exception error) {
        System.out.println("\"invalid\"");
        continue;
      }
      StringBuilder found = new StringBuilder("[");
      for (JsonNode event : asked.get("events")) {
        found.append(found.length() > 1 ? "," : "");
        found.append(!machine.rulesForJSONEvent(event.asText()).isEmpty());
      }
      System.out.println(found.append("]"));
    }
  }
}
